import type { IncomingMessage, ServerResponse } from "node:http";
import { type RequestId, RPC, type RpcError } from "./vocabulary.ts";

/** An answer before or instead of that of the protocol. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Absent means an empty body. */
  readonly error?: RpcError;
}

type Spoken = Refusal & { readonly error: RpcError };

const said = (status: number, message: string, headers?: Refusal["headers"]): Spoken => ({
  status,
  error: { code: RPC.refused, message },
  ...(headers ? { headers } : {}),
});

/** The refusals whose words never change. */
export const refusals = {
  closing: said(503, "Cannot answer: the endpoint is closing"),
  full: said(503, "Cannot answer: too many requests are open", { "retry-after": "1" }),
  busy: said(429, "Cannot answer: too many requests of this user are open", { "retry-after": "1" }),
  foreign: said(403, "Cannot answer: Host or Origin is none that this endpoint accepts"),
  path: said(404, "Cannot answer: there is nothing here; use /mcp or /mcp/<workspace>"),
  tooLarge: said(413, "Cannot read the message: it is too large"),
  method: said(405, "Cannot answer: use POST", { allow: "POST" }),
  // RFC 6750 section 3.1: who sent no token learns nothing but the scheme. Who sent a wrong one learns the same.
  stranger: { status: 401, headers: { "www-authenticate": "Bearer" } },
} as const satisfies Record<string, Refusal>;

/** The refusal of a request that is one too many. */
export function tooMany(error: RpcError, retryAfterMs: number | undefined): Refusal {
  if (retryAfterMs === undefined) return { status: 429, error };
  return { status: 429, error, headers: { "retry-after": `${Math.ceil(retryAfterMs / 1_000)}` } };
}

/** The body of a refusal, and its headers. */
export function writeRefusal(
  { error, headers }: Refusal,
  id: RequestId | null,
): { readonly body: string; readonly headers: Readonly<Record<string, string>> } {
  if (!error) return { body: "", headers: { ...headers, "content-length": "0" } };
  return {
    body: JSON.stringify({ jsonrpc: "2.0", error, id }),
    headers: { ...headers, "content-type": "application/json" },
  };
}

/** Sends a refusal. The connection ends with it when the rest of the body could be of any length. */
export function sendRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { body, headers } = writeRefusal(refusal, null);
  const isEndless = request.headers["content-length"] === undefined && !request.complete;
  const ending =
    isEndless || refusal.status === refusals.tooLarge.status ? { connection: "close" } : {};
  response.writeHead(refusal.status, { ...headers, ...ending });
  response.end(body);
}
