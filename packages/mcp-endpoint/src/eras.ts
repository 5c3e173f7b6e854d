// With `offer-handlers.ts` and `check-params.ts` this is what knows the SDK, and with it what differs between 2026-07-28 and 2025-11-25.
import type { IncomingMessage, ServerResponse } from "node:http";
import { toNodeHandler } from "@modelcontextprotocol/node";
import {
  classifyInboundRequest,
  createMcpHandler,
  McpServer,
  parseJSONRPCMessage,
  ProtocolError,
  type Transport,
} from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Principal } from "@sigilrt/manager";
import { callOptions, traceparentOf } from "./call-context.ts";
import type { ReportFault } from "./faults.ts";
import { type Refusal, refusals, writeRefusal } from "./refusal.ts";
import { foreignCursor, serveOffers } from "./offer-handlers.ts";
import type { NamedOffers, Offers } from "./offers.ts";
import { pageOf } from "./page.ts";
import { listTools, type NamedTools, type Tools } from "./tools.ts";
import { isObject, type JsonObject, type RequestId, RPC, type RpcError } from "./vocabulary.ts";

/** What both ways of serving share. */
export interface Serving {
  readonly tools: Tools;
  readonly offers: Offers;
  readonly reportFault: ReportFault;
}

/** On whose behalf messages are answered, and what their answers wait for. */
interface Caller {
  readonly principal: Principal;
  /** Keeps the place of a request taken until its work is over, however its client leaves. */
  keepUntil(id: RequestId, work: Promise<unknown>): void;
  /** Resolves when the client can take more, or has left. */
  flushed(): Promise<void>;
}

/** One message that came over HTTP. */
export interface Exchange extends Caller {
  readonly message: JsonObject;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Whether the endpoint gave up waiting. */
  isCutOff(): boolean;
  /** Asked once, when the message is whole and agrees with its headers. */
  screen(): Promise<Refusal | undefined>;
}

/** Answers one message over HTTP, in the era that it is written in. */
export async function serveHttp(
  request: IncomingMessage,
  response: ServerResponse,
  exchange: Exchange,
  serving: Serving,
): Promise<void> {
  const { message, signal } = exchange;
  let refusal: Refusal | undefined;
  let lastError: unknown;
  const handler = createMcpHandler(
    async ({ era }) => {
      refusal = await exchange.screen();
      if (refusal) throw new Error("refused");
      let seen: NamedTools | undefined;
      const see = (): NamedTools => (seen ??= serving.tools.seenBy(exchange.principal));
      const seeOffers = (stop: AbortSignal): Promise<NamedOffers> =>
        serving.offers.seenBy(exchange.principal, stop);
      return createServer(era, { see, seeOffers }, exchange, serving);
    },
    { onerror: (error) => void (lastError = error) },
  );
  const fetch = async (web: Request): Promise<Response> => {
    const mismatch = legacyMismatch(web.headers, message);
    if (mismatch) return toResponse({ status: 400, error: mismatch }, message);
    const bodiless = new Request(web.url, {
      method: web.method,
      headers: web.headers,
      signal: AbortSignal.any([web.signal, signal]),
    });
    const answer = await handler.fetch(bodiless, { parsedBody: message });
    // Whether a connection stays is between the client and the server in front; the SDK keeps it also for who asked to end it.
    answer.headers.delete("connection");
    if (refusal) return toResponse(refusal, message);
    if (exchange.isCutOff() && !answer.ok) return toResponse(refusals.closing, message);
    if (answer.status === 400) return withoutValues(answer, message);
    if (answer.status !== 500) return answer;
    return toResponse({ status: 500, error: serving.reportFault(lastError) }, message);
  };
  const { url = "/", headers } = request;
  // The body was read: what is left of the request is its head.
  const head = { method: "POST", url, headers, [Symbol.asyncIterator]: noBody };
  await toNodeHandler({ fetch })(head, response, message);
}

/**
 * A proxy that decides by `Mcp-Method` and `Mcp-Name` reads headers that 2025-11-25 does not know: a message of that era must not
 * carry others than its own. For 2026-07-28 the SDK holds them against the body.
 */
function legacyMismatch(headers: Headers, body: JsonObject): RpcError | undefined {
  const method = headers.get("mcp-method");
  const name = headers.get("mcp-name");
  if (method === null && name === null) return undefined;
  const protocolVersionHeader = headers.get("mcp-protocol-version") ?? undefined;
  const { kind } = classifyInboundRequest({
    httpMethod: "POST",
    body,
    ...(protocolVersionHeader === undefined ? {} : { protocolVersionHeader }),
  });
  if (kind !== "legacy") return undefined;
  const { params } = body;
  const isSame =
    (method === null || method === body["method"]) &&
    (name === null || (isObject(params) && name === params["name"]));
  const text = "Cannot answer: the headers Mcp-Method and Mcp-Name disagree with the body";
  return isSame ? undefined : { code: RPC.headerMismatch, message: text };
}

/** The SDK quotes the argument that a header disagrees with. An error ends up in logs: values are not repeated. */
async function withoutValues(answer: Response, message: JsonObject): Promise<Response> {
  const body: unknown = await answer.clone().json();
  const error = isObject(body) ? body["error"] : undefined;
  if (!isObject(error) || error["code"] !== RPC.headerMismatch) return answer;
  const text = "Cannot answer: a header that MCP asks for is missing, or disagrees with the body";
  return toResponse({ status: 400, error: { code: RPC.headerMismatch, message: text } }, message);
}

async function* noBody(): AsyncGenerator<never> {}

function toResponse(refusal: Refusal, { id, method }: JsonObject): Response {
  const isAnswerable =
    typeof method === "string" && (typeof id === "string" || typeof id === "number");
  const { body, headers } = writeRefusal(refusal, isAnswerable ? id : null);
  return new Response(body, { status: refusal.status, headers });
}

/** Who speaks line by line. */
export interface LineCaller extends Caller {
  /** Hands every message on, until nothing is left to answer. */
  read(deliver: (message: JsonObject) => void): Promise<void>;
  /** Writes a message; resolves when it was taken. */
  send(message: object): Promise<void>;
}

/** Answers one client line by line, in the era that its first messages are written in. */
export async function serveLines(caller: LineCaller, serving: Serving): Promise<void> {
  const see = (): NamedTools => serving.tools.seenBy(caller.principal);
  const transport: Transport = {
    start: () => Promise.resolve(),
    send: (message) => caller.send(message),
    close: () => Promise.resolve(transport.onclose?.()),
  };
  const seeOffers = (stop: AbortSignal): Promise<NamedOffers> =>
    serving.offers.seenBy(caller.principal, stop);
  const connection = serveStdio(
    ({ era }) => createServer(era, { see, seeOffers }, caller, serving),
    { transport },
  );
  await caller.read((message) => transport.onmessage?.(parseJSONRPCMessage(message)));
  await connection.close();
}

interface Sight {
  readonly see: () => NamedTools;
  readonly seeOffers: (signal: AbortSignal) => Promise<NamedOffers>;
}

/** A server for one message over HTTP, or for one connection. */
function createServer(
  era: "legacy" | "modern",
  { see, seeOffers }: Sight,
  caller: Caller,
  { tools, offers, reportFault }: Serving,
): McpServer {
  const product = new EndpointServer(see);
  const { server } = product;
  // Changes are found by asking again: nothing more is promised.
  server.registerCapabilities({ tools: {}, logging: {} });
  const guarded = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      throw protocolError(reportFault(error));
    }
  };
  server.setRequestHandler("tools/list", ({ params }) =>
    guarded(() => {
      const definitions = listTools(see()).map((tool) => [tool.name, tool] as const);
      const page = pageOf(definitions, params?.cursor);
      if (!page) throw protocolError(foreignCursor);
      const { entries, nextCursor } = page;
      const list = { tools: [...entries], ...(nextCursor === undefined ? {} : { nextCursor }) };
      return era === "modern" ? { ...list, ttlMs: 5_000, cacheScope: "private" as const } : list;
    }),
  );
  server.setRequestHandler("tools/call", ({ params }, { mcpReq }) => {
    const { name, arguments: args } = params;
    const work = guarded(async () => {
      const traceparent = traceparentOf(mcpReq);
      const call = { name, arguments: toJson(args ?? {}), traceparent };
      const options = callOptions(mcpReq, () => caller.flushed());
      const answer = await tools.call(see(), call, options);
      if (!answer.ok) throw protocolError(answer.error);
      return server.projectCallToolResult(answer.result, answer.outputSchema);
    });
    caller.keepUntil(mcpReq.id, work);
    return work;
  });
  const keepUntil = (id: RequestId, work: Promise<unknown>): void => caller.keepUntil(id, work);
  serveOffers(product, { era, offers, see: seeOffers, guarded, keepUntil });
  return product;
}

/** Shows the SDK the schemas of tools that come from plugins, so that it holds `Mcp-Param-*` headers against the arguments. */
class EndpointServer extends McpServer {
  readonly #see: () => NamedTools;

  constructor(see: () => NamedTools) {
    super({ name: "sigil", version: "0.1.0" });
    this.#see = see;
  }

  override toolInputSchemaJson(name: string): Record<string, unknown> | undefined {
    const schema = this.#see().tools.get(name)?.inputSchema;
    return isObject(schema) ? schema : undefined;
  }
}

const protocolError = ({ code, message, data }: RpcError): ProtocolError =>
  new ProtocolError(code, message, data);

/** The SDK hands out what it parsed from JSON. */
function toJson(value: Record<string, unknown>): JsonObject {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed from JSON
  return value as JsonObject;
}
