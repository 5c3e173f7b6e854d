import {
  PROTOCOL_VERSION_META_KEY,
  specTypeSchemas,
  type StandardSchemaV1Sync,
} from "@modelcontextprotocol/server";
import { invalidParams } from "./invalid-params.ts";
import { isObject, type JsonObject, type RpcError } from "./vocabulary.ts";

const requestSchemas = new Map<unknown, StandardSchemaV1Sync>([
  ["initialize", specTypeSchemas.InitializeRequest],
  ["ping", specTypeSchemas.PingRequest],
  ["tools/list", specTypeSchemas.ListToolsRequest],
  ["tools/call", specTypeSchemas.CallToolRequest],
  ["prompts/list", specTypeSchemas.ListPromptsRequest],
  ["prompts/get", specTypeSchemas.GetPromptRequest],
  ["resources/list", specTypeSchemas.ListResourcesRequest],
  ["resources/templates/list", specTypeSchemas.ListResourceTemplatesRequest],
  ["resources/read", specTypeSchemas.ReadResourceRequest],
  ["completion/complete", specTypeSchemas.CompleteRequest],
]);

/** Names what is wrong with the params of a request. The SDK would answer some of it as a fault of ours. */
export function checkParams(message: JsonObject): RpcError | undefined {
  // An era without `initialize` does not look at its params.
  if (message["method"] === "initialize" && isModern(message)) return undefined;
  const schema = requestSchemas.get(message["method"]);
  const issues = schema?.["~standard"].validate(message).issues ?? [];
  if (issues.length === 0) return undefined;
  return invalidParams(
    issues.map(({ path = [], message: text }) => ({
      path: path.slice(1).map((step) => String(typeof step === "object" ? step.key : step)),
      message: text,
    })),
  );
}

function isModern({ params }: JsonObject): boolean {
  const meta = isObject(params) ? params["_meta"] : undefined;
  return isObject(meta) && meta[PROTOCOL_VERSION_META_KEY] !== undefined;
}

/** Whether it is a message of JSON-RPC in all its members. */
export function isMessage(message: JsonObject): boolean {
  return specTypeSchemas.JSONRPCMessage["~standard"].validate(message).issues === undefined;
}
