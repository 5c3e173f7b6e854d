// Like `eras.ts` it knows the SDK: what differs between the eras here is the caching hints and the error of a missing resource.
import {
  type McpServer,
  ProtocolError,
  ResourceNotFoundError,
  type ServerContext,
  specTypeSchemas,
  type StandardSchemaV1Sync,
} from "@modelcontextprotocol/server";
import { traceparentOf } from "./call-context.ts";
import { invalidParams } from "./invalid-params.ts";
import type { NamedAsk, NamedOffers, Offers } from "./offers.ts";
import { pageOf } from "./page.ts";
import { type JsonObject, type JsonValue, RPC, type RpcError } from "./vocabulary.ts";

/** What answering for prompts and resources needs. */
export interface OfferServing {
  readonly era: "legacy" | "modern";
  readonly offers: Offers;
  readonly see: (signal: AbortSignal) => Promise<NamedOffers>;
  readonly guarded: <T>(work: () => Promise<T>) => Promise<T>;
  readonly keepUntil: (id: string | number, work: Promise<unknown>) => void;
}

/** Lets a server answer for prompts, resources and completions. */
export function serveOffers({ server }: McpServer, serving: OfferServing): void {
  const { era, offers, see, guarded } = serving;
  server.registerCapabilities({ prompts: {}, resources: {}, completions: {} });
  const hints = (ttlMs: number): object =>
    era === "modern" ? { ttlMs, cacheScope: "private" as const } : {};
  const page = async <T extends object>(
    cursor: string | undefined,
    { mcpReq: { signal } }: ServerContext,
    pick: (seen: NamedOffers) => ReadonlyMap<string, T>,
    shown: (entry: T, name: string) => object,
  ): Promise<{ readonly entries: object[]; readonly rest: object }> => {
    const entries = sorted(pick(await see(signal))).map(
      ([name, entry]) => [name, shown(entry, name)] as const,
    );
    const cut = pageOf(entries, cursor);
    if (!cut) throw protocolError(foreignCursor);
    const { nextCursor } = cut;
    const next = nextCursor === undefined ? {} : { nextCursor };
    return { entries: [...cut.entries], rest: { ...next, ...hints(5_000) } };
  };
  const ask = async (context: ServerContext, wanted: Wanted): Promise<JsonValue | undefined> => {
    const { mcpReq } = context;
    const { signal } = mcpReq;
    const named: NamedAsk = { ...wanted, traceparent: traceparentOf(mcpReq) };
    const answer = await offers.ask(await see(signal), named, { signal });
    if (answer.kind === "failed") throw protocolError(answer.error);
    return answer.kind === "found" ? answer.value : undefined;
  };
  const kept = <T>(context: ServerContext, work: Promise<T>): Promise<T> => {
    serving.keepUntil(context.mcpReq.id, work);
    return work;
  };

  server.setRequestHandler("prompts/list", ({ params }, context) =>
    guarded(async () => {
      const { entries: prompts, rest } = await page(
        params?.cursor,
        context,
        (seen) => seen.prompts,
        ({ plugin: _plugin, ...prompt }, name) => ({ ...prompt, name }),
      );
      return trusted(specTypeSchemas.ListPromptsResult, { ...rest, prompts });
    }),
  );
  server.setRequestHandler("prompts/get", ({ params }, context) => {
    const { name, arguments: given = {} } = params;
    const work = guarded(async () => {
      const value = await ask(context, { kind: "prompt", name, arguments: given });
      if (value === undefined) throw protocolError(unknownPrompt);
      return trusted(specTypeSchemas.GetPromptResult, value);
    });
    return kept(context, work);
  });
  server.setRequestHandler("resources/list", ({ params }, context) =>
    guarded(async () => {
      const { entries: resources, rest } = await page(
        params?.cursor,
        context,
        (seen) => seen.resources,
        ({ plugin: _plugin, ...resource }) => resource,
      );
      return trusted(specTypeSchemas.ListResourcesResult, { ...rest, resources });
    }),
  );
  server.setRequestHandler("resources/templates/list", ({ params }, context) =>
    guarded(async () => {
      const { entries: resourceTemplates, rest } = await page(
        params?.cursor,
        context,
        (seen) => seen.templates,
        ({ plugin: _plugin, uri: uriTemplate, size: _size, ...template }) => ({
          ...template,
          uriTemplate,
        }),
      );
      return trusted(specTypeSchemas.ListResourceTemplatesResult, { ...rest, resourceTemplates });
    }),
  );
  server.setRequestHandler("resources/read", ({ params: { uri } }, context) => {
    const work = guarded(async () => {
      const value = await ask(context, { kind: "resource", name: uri, arguments: {} });
      if (value === undefined) throw new ResourceNotFoundError(uri);
      return { ...trusted(specTypeSchemas.ReadResourceResult, value), ...hints(0) };
    });
    return kept(context, work);
  });
  server.setRequestHandler("completion/complete", ({ params }, context) => {
    const { ref, argument } = params;
    const completing = { argument: argument.name, value: argument.value };
    const wanted: Wanted =
      ref.type === "ref/prompt"
        ? { kind: "prompt", name: ref.name, arguments: {}, completing }
        : { kind: "resource", name: ref.uri, arguments: {}, completing };
    const work = guarded(async () => {
      const value = await ask(context, wanted);
      if (value === undefined) throw protocolError(unknownReference);
      return trusted(specTypeSchemas.CompleteResult, value);
    });
    return kept(context, work);
  });
}

type Wanted = Omit<NamedAsk, "traceparent">;

const sorted = <T>(named: ReadonlyMap<string, T>): readonly (readonly [string, T])[] =>
  [...named].toSorted(([left], [right]) => (left < right ? -1 : 1));

/** The error of a cursor that no list handed out. */
export const foreignCursor = invalidParams([
  { path: ["cursor"], message: "Not a cursor of this list" },
]);
const unknownPrompt: RpcError = { code: RPC.invalidParams, message: "Unknown prompt" };
const unknownReference: RpcError = { code: RPC.invalidParams, message: "Unknown reference" };

const protocolError = ({ code, message, data }: RpcError): ProtocolError =>
  new ProtocolError(code, message, data);

/** What a plugin made is what the protocol says, or nothing: a client would choke on it. */
function trusted<T>(
  schema: StandardSchemaV1Sync<unknown, T>,
  value: JsonValue | JsonObject | object,
): T {
  const read = schema["~standard"].validate(value);
  if (read.issues === undefined) return read.value;
  throw protocolError({
    code: RPC.refused,
    message: "Unavailable: the plugin answered no such result",
  });
}
