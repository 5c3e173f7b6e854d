import { once } from "node:events";
import { chmod, lstat, mkdir, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { AdminDesk } from "./admin-desk.ts";
import { type AdminAnswer, answerAdmin, refusal } from "./admin-routes.ts";

/** The only name that a client may use: no browser and no proxy comes up with it. */
export const ADMIN_HOST = "sigil-admin";
const MAX_BODY = 65_536;

/** Where the socket lies, in a folder that the gateway's own user alone can enter: that is all there is of a sign-in. */
export const adminSocketOf = (run: string): { readonly folder: string; readonly path: string } => ({
  folder: join(run, "admin"),
  path: join(run, "admin/admin.sock"),
});

/** The socket of an operator's desk. */
export interface AdminSocket {
  /** Ends what goes on and takes the socket away. Closing twice is closing once. */
  close(): Promise<void>;
}

/**
 * Serves a desk on a socket, as JSON over HTTP. Whoever holds the data folder owns the name: a socket that is there is left of a gateway
 * that was killed.
 *
 * @throws Error for a folder that others can enter, that is a link, or that belongs to somebody else
 */
export async function openAdminSocket(
  run: string,
  desk: AdminDesk,
  fault: (error: unknown) => void,
): Promise<AdminSocket> {
  const { folder, path } = adminSocketOf(run);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await requirePrivate(folder);
  await rm(path, { force: true });
  const over = new AbortController();
  const server = createServer(
    {
      requestTimeout: 10_000,
      headersTimeout: 5_000,
      maxHeaderSize: 8_192,
      keepAliveTimeout: 1_000,
    },
    (request, response) => {
      serve(desk, request, response, over.signal).catch((error: unknown) => {
        fault(error);
        if (response.headersSent) response.destroy();
        else send(response, refusal(500, "INTERNAL", "it failed; the gateway's log says why"));
      });
    },
  );
  server.maxConnections = 32;
  server.listen(path);
  await once(server, "listening");
  await chmod(path, 0o600);
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const ended = once(server, "close");
    // What goes on ends by itself; who does not take the end is cut off.
    over.abort();
    server.close();
    const patience = setTimeout(() => server.closeAllConnections(), 1_000);
    await ended;
    clearTimeout(patience);
    await rm(path, { force: true });
  };
  return { close: () => (closed ??= close()) };
}

/** @throws Error for a folder that another user could enter or exchange */
export async function requirePrivate(folder: string): Promise<void> {
  const found = await lstat(folder);
  const isOurs = found.isDirectory() && found.uid === process.getuid?.();
  if (isOurs && (found.mode & 0o077) === 0) return;
  const what = found.isDirectory()
    ? isOurs
      ? `others can enter it (mode ${(found.mode & 0o777).toString(8)}); run chmod 700 on it`
      : "it belongs to another user; run this as that user"
    : "it is no folder; remove it";
  throw new Error(`Cannot use folder "${folder}" for administration: ${what}`);
}

async function serve(
  desk: AdminDesk,
  request: IncomingMessage,
  response: ServerResponse,
  over: AbortSignal,
): Promise<void> {
  const { method = "", url: target = "", headers } = request;
  // A page in a browser that found a way here would bring a name of its own, and say where it is from.
  if (headers.host !== ADMIN_HOST || headers.origin !== undefined) {
    return send(response, refusal(421, "WRONG_HOST", `this is ${ADMIN_HOST} and no page's host`));
  }
  const body = await bodyOf(request);
  if ("status" in body) return send(response, body);
  const left = new AbortController();
  response.once("close", () => left.abort());
  const signal = AbortSignal.any([left.signal, over]);
  const answer = await answerAdmin(desk, { method, target, body: body.value, signal });
  if (!("lines" in answer)) return send(response, answer);
  response.writeHead(200, { ...common, "content-type": "application/x-ndjson" });
  for await (const line of answer.lines) {
    if (signal.aborted) break;
    if (!response.write(`${JSON.stringify(line)}\n`)) await drained(response, signal);
  }
  response.end();
}

/** Waits for a reader who is slow, and not for one who left. */
export async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  await once(response, "drain", { signal }).catch(() => undefined);
}

/** Reads the body, at most so much of it; a request without one has none. */
export async function bodyOf(
  request: IncomingMessage,
): Promise<{ readonly value: unknown } | AdminAnswer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  // The answer to a body that is too large still has to leave by this connection.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    const chunk: Buffer = part;
    bytes += chunk.length;
    if (bytes > MAX_BODY) return refusal(413, "TOO_LARGE", `a body holds ${MAX_BODY} bytes`);
    parts.push(chunk);
  }
  if (bytes === 0) return { value: undefined };
  if (request.headers["content-type"] !== "application/json") {
    return refusal(415, "WRONG_TYPE", "a body is application/json");
  }
  try {
    return { value: JSON.parse(Buffer.concat(parts).toString("utf8")) };
  } catch {
    return refusal(400, "MALFORMED", "the body is not JSON");
  }
}

const common = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

function send(response: ServerResponse, answer: AdminAnswer): void {
  const text = JSON.stringify("body" in answer ? answer.body : {});
  const close = answer.status === 413 ? { connection: "close" } : {};
  response.writeHead(answer.status, { ...common, ...close, "content-type": "application/json" });
  response.end(text);
}
