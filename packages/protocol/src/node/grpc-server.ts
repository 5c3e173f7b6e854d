import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import { LIMITS } from "../limits.ts";
import { createMessageReader } from "../message-frames.ts";
import { ProtocolError } from "../protocol-error.ts";
import { STATUS } from "../status.ts";
import { encodeStatusMessage } from "../status-message.ts";
import { callOver } from "./call-failure.ts";
import { endSession } from "./end-session.ts";
import { type GrpcLimits, type GrpcOptions, grpcLimits } from "./grpc-options.ts";
import { createInterruption, type Interruption } from "./interruption.ts";
import type { Route } from "./route.ts";
import { sendEach } from "./sending.ts";
import { after, parseTimeout } from "./timeout.ts";

// Not an import: in a bundle of one file that would be loaded before a plugin prints its handshake, and take half its start.
const { constants, createServer } = process.getBuiltinModule("node:http2");

/** The serving end of any number of connections. */
export interface GrpcServer extends AsyncDisposable {
  /** Serves the other side of `connection`. */
  accept(connection: Duplex): void;
  /** Ends all connections; handlers still running see their signal abort. Closing twice is closing once. */
  close(): Promise<void>;
}

/**
 * Serves `routes`. A path that is not among them answers `UNIMPLEMENTED`.
 *
 * @throws TypeError when two routes have one path
 * @throws RangeError for a limit that is none
 */
export function createGrpcServer(routes: readonly Route[], options: GrpcOptions = {}): GrpcServer {
  const limits = grpcLimits(options);
  const table = new Map(routes.map((route) => [route.path, route]));
  if (table.size !== routes.length) {
    throw new TypeError("Cannot serve routes: two of them have one path");
  }
  const server = createServer({
    maxOutstandingPings: 4,
    maxSettings: 32,
    maxSessionInvalidFrames: 100,
    settings: {
      initialWindowSize: LIMITS.streamWindowBytes,
      maxConcurrentStreams: limits.maxStreams,
      maxHeaderListSize: limits.maxHeaderListBytes,
    },
  });
  const sessions = new Map<ServerHttp2Session, Duplex>();
  let accepting: Duplex | undefined;
  server.on("session", (session) => {
    if (accepting !== undefined) sessions.set(session, accepting);
    session.on("error", () => undefined);
    session.once("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    void serve(table, limits, stream, headers);
  });
  const close = async (): Promise<void> => {
    await Promise.all(
      [...sessions].map(([session, connection]) => endSession(session, connection)),
    );
  };
  return {
    accept: (connection) => {
      connection.on("error", () => undefined);
      accepting = connection;
      server.emit("connection", connection);
      accepting = undefined;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function serve(
  table: ReadonlyMap<string, Route>,
  limits: GrpcLimits,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): Promise<void> {
  const route = table.get(headers[":path"] ?? "");
  if (
    headers[":method"] !== "POST" ||
    headers["content-type"]?.startsWith("application/grpc") !== true
  ) {
    stream.respond({ ":status": 415 }, { endStream: true });
    letGo(stream);
    return;
  }
  if (route === undefined) {
    refuse(stream, STATUS.UNIMPLEMENTED, "no such method");
    return;
  }
  const timeoutMs = parseTimeout(String(headers["grpc-timeout"] ?? ""));
  const gone = new AbortController();
  const over = createInterruption();
  const leave = (): void => {
    gone.abort();
    over.interrupt(callOver());
  };
  // A reset is heard of before the requests end by it, so that no handler takes that for the end of the caller's half.
  stream.once("aborted", leave).once("close", leave);
  const stopTimer =
    timeoutMs === undefined
      ? undefined
      : after(timeoutMs, () => {
          leave();
          refuse(stream, STATUS.DEADLINE_EXCEEDED, "");
        });
  try {
    stream.respond(
      { ":status": 200, "content-type": "application/grpc" },
      { waitForTrailers: true },
    );
    const requests = readRequests(stream, limits.maxMessageBytes, over);
    const context = {
      signal: gone.signal,
      metadata: metadataOf(headers),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    };
    await sendEach(stream, route.serve(requests, context));
    refuse(stream, STATUS.OK, "");
  } catch (error) {
    const known = error instanceof ProtocolError ? error : undefined;
    // The text of an unknown error may hold anything; only what was meant for the wire goes there.
    refuse(stream, known?.status ?? STATUS.UNKNOWN, known?.message ?? "the handler failed");
  } finally {
    stopTimer?.();
  }
}

async function* readRequests(
  stream: ServerHttp2Stream,
  maxMessageBytes: number,
  over: Interruption,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = createMessageReader(maxMessageBytes);
  // Leaving it must not destroy the stream: an answer or a refusal still has to reach the caller.
  const chunks = stream.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const pulled = chunks.next().catch(() => {
        throw callOver();
      });
      // oxlint-disable-next-line no-await-in-loop -- chunks are pulled one by one
      const next = await over.unless(pulled);
      if (next.done === true) break;
      yield* reader.push(next.value);
    }
  } finally {
    // Not awaited: a read that is still pending ends with the stream. Until it is let go of, nothing else can drain the stream.
    void chunks.return?.();
  }
  reader.end();
}

/** Ends the stream with a status, once, with whatever headers are still to be sent. */
function refuse(stream: ServerHttp2Stream, status: number, message: string): void {
  if (stream.destroyed || stream.closed || stream.writableEnded) return;
  const trailers = {
    "grpc-status": String(status),
    ...(message === "" ? {} : { "grpc-message": encodeStatusMessage(message) }),
  };
  if (stream.headersSent) {
    stream.once("wantTrailers", () => stream.sendTrailers(trailers));
    stream.end();
  } else {
    stream.respond(
      { ":status": 200, "content-type": "application/grpc", ...trailers },
      { endStream: true },
    );
  }
  if (!stream.readableEnded) letGo(stream);
}

const LINGER_MS = 1000;

/**
 * Drops what still comes of a request that is answered, and resets the stream of a client that goes on. At once would be too soon:
 * on Node 22 the reset overtakes the answer (RFC 9113 section 8.1 wants the answer complete first).
 */
function letGo(stream: ServerHttp2Stream): void {
  stream.resume();
  const stop = after(LINGER_MS, () => stream.close(constants.NGHTTP2_NO_ERROR));
  stream.once("close", stop);
}

function metadataOf(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const metadata: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(":") && typeof value === "string") metadata[name] = value;
  }
  return Object.freeze(metadata);
}
