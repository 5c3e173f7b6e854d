import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import { createMessageReader, frameMessage } from "../message-frames.ts";
import { parseStatus, STATUS } from "../status.ts";
import { decodeStatusMessage } from "../status-message.ts";
import {
  afterStatus,
  callCancelled,
  callEnded,
  callExpired,
  decodedAnswer,
} from "./call-failure.ts";
import type { GrpcCallOptions } from "./grpc-channel.ts";
import type { GrpcLimits } from "./grpc-options.ts";
import { createInterruption } from "./interruption.ts";
import type { Method } from "./method.ts";
import { type Sending, sendOnly, startSending } from "./sending.ts";
import { after, formatTimeout } from "./timeout.ts";

// Not an import: in a bundle of one file that would be loaded before a plugin prints its handshake, and take half its start.
const { constants } = process.getBuiltinModule("node:http2");

type Headers = Readonly<Record<string, unknown>>;

/** What a call sends: one message, or as many as there are. */
export type Outgoing<I> = { readonly message: I } | { readonly messages: AsyncIterable<I> };

/** Runs one call and yields what comes back; ends well only with status OK. */
export async function* runCall<I, O>(
  session: ClientHttp2Session,
  limits: GrpcLimits,
  method: Method<I, O>,
  outgoing: Outgoing<I>,
  options: GrpcCallOptions,
): AsyncGenerator<O, void, undefined> {
  const { signal, timeoutMs, metadata = {} } = options;
  if (signal?.aborted === true) throw callCancelled(method.path);
  if (timeoutMs !== undefined && timeoutMs <= 0) throw callExpired(method.path);
  const body = "message" in outgoing ? frameMessage(method.encode(outgoing.message)) : NOTHING;
  // Closing a stream would first end our half, and a cancelled call look complete to the other side.
  const reset = "messages" in outgoing ? new AbortController() : undefined;
  const call = openStream(session, method.path, reset?.signal, {
    ...metadata,
    ":method": "POST",
    ":scheme": "http",
    ":authority": "localhost",
    ":path": method.path,
    te: "trailers",
    "content-type": "application/grpc",
    ...(timeoutMs === undefined ? {} : { "grpc-timeout": formatTimeout(timeoutMs) }),
  });
  const { stream } = call;
  const over = createInterruption();
  const abort = (): void => over.interrupt(callCancelled(method.path));
  signal?.addEventListener("abort", abort, { once: true });
  const stopTimer =
    timeoutMs === undefined
      ? undefined
      : after(timeoutMs, () => over.interrupt(callExpired(method.path)));
  let sending: Sending | undefined;

  try {
    if ("messages" in outgoing)
      sending = startSending(stream, outgoing.messages, method.encode, (error) =>
        over.interrupt(error),
      );
    else void sendOnly(stream, body);
    const reader = createMessageReader(limits.maxMessageBytes);
    const chunks = stream[Symbol.asyncIterator]();
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- chunks are pulled one by one
      const next = await over.unless(chunks.next().catch(endOfBytes));
      if (next.done === true) break;
      if (!call.isGrpc()) continue;
      if (call.beganWithStatus()) throw afterStatus(method.path);
      for (const bytes of reader.push(next.value)) yield decodedAnswer(method, bytes);
    }
    sending?.stop();
    // Who has answered need not have read all; what is still to be sent is of no use then.
    if (!call.hasStatus() || stream.writableFinished) {
      stream.end();
      await over.unless(call.closed);
    }
    const status = call.status();
    if (status.code !== STATUS.OK) throw callEnded(method.path, status.code, status.message);
    reader.end();
  } finally {
    sending?.stop();
    stopTimer?.();
    signal?.removeEventListener("abort", abort);
    if (reset !== undefined) reset.abort();
    else if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
  }
}

const NOTHING = new Uint8Array();

interface OpenCall {
  readonly stream: ClientHttp2Stream;
  readonly closed: Promise<void>;
  /** Whether the body is gRPC at all; an error page is not. */
  isGrpc(): boolean;
  /** Whether it said so in its first headers, after which nothing may come. */
  beganWithStatus(): boolean;
  /** Whether the other side has said how the call ended. */
  hasStatus(): boolean;
  status(): { readonly code: number; readonly message: string };
}

function openStream(
  session: ClientHttp2Session,
  path: string,
  reset: AbortSignal | undefined,
  headers: Record<string, string>,
): OpenCall {
  if (session.destroyed || session.closed) {
    throw callEnded(path, STATUS.UNAVAILABLE, "the connection has ended");
  }
  const stream = session.request(headers, {
    endStream: false,
    ...(reset === undefined ? {} : { signal: reset }),
  });
  // The reset that a lost connection causes looks like a cancel of the other side.
  const lost = (): boolean => session.destroyed || session.socket.destroyed;
  let response: Headers = {};
  let trailers: Headers | undefined;
  stream.on("response", (received) => (response = received));
  stream.on("trailers", (received) => (trailers = received));
  stream.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => {
    stream.once("close", () => resolve());
  });
  return {
    stream,
    closed,
    isGrpc: () => response[":status"] === 200,
    beganWithStatus: () => "grpc-status" in response,
    hasStatus: () => "grpc-status" in (trailers ?? response),
    status: () => {
      const final = trailers ?? response;
      if ("grpc-status" in final) return statusIn(final);
      if (lost()) return { code: STATUS.UNAVAILABLE, message: "the connection was lost" };
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) return statusOfReset(stream.rstCode ?? 0);
      return statusOfHttp(response[":status"]);
    },
  };
}

const endOfBytes = (): IteratorReturnResult<undefined> => ({ done: true, value: undefined });

function statusIn(headers: Headers): { readonly code: number; readonly message: string } {
  const text = headers["grpc-message"];
  return {
    code: parseStatus(String(headers["grpc-status"])),
    message: typeof text === "string" ? decodeStatusMessage(text) : "",
  };
}

function statusOfReset(code: number): {
  readonly code: number;
  readonly message: string;
} {
  const message = `the stream was reset with code ${code}`;
  switch (code) {
    case constants.NGHTTP2_REFUSED_STREAM:
      return { code: STATUS.UNAVAILABLE, message };
    case constants.NGHTTP2_CANCEL:
      return { code: STATUS.CANCELLED, message };
    case constants.NGHTTP2_ENHANCE_YOUR_CALM:
      return { code: STATUS.RESOURCE_EXHAUSTED, message };
    case constants.NGHTTP2_INADEQUATE_SECURITY:
      return { code: STATUS.PERMISSION_DENIED, message };
    default:
      return { code: STATUS.INTERNAL, message };
  }
}

function statusOfHttp(status: unknown): { readonly code: number; readonly message: string } {
  const message = `the answer has HTTP status ${String(status)} and no gRPC status`;
  const codes = new Map<unknown, number>([
    [400, STATUS.INTERNAL],
    [401, STATUS.UNAUTHENTICATED],
    [403, STATUS.PERMISSION_DENIED],
    [404, STATUS.UNIMPLEMENTED],
    [429, STATUS.UNAVAILABLE],
    [502, STATUS.UNAVAILABLE],
    [503, STATUS.UNAVAILABLE],
    [504, STATUS.UNAVAILABLE],
    // No header at all: the connection went away first.
    [undefined, STATUS.UNAVAILABLE],
  ]);
  return { code: codes.get(status) ?? STATUS.UNKNOWN, message };
}
