import type { ClientHttp2Session } from "node:http2";
import type { Duplex } from "node:stream";
import { LIMITS } from "../limits.ts";
import { ProtocolError } from "../protocol-error.ts";
import { STATUS } from "../status.ts";
import { misframed, refuseKind } from "./call-failure.ts";
import { endSession } from "./end-session.ts";
import { runCall } from "./grpc-call.ts";
import { type GrpcOptions, grpcLimits } from "./grpc-options.ts";
import type { Method } from "./method.ts";

// Not an import: in a bundle of one file that would be loaded before a plugin prints its handshake, and take half its start.
const { connect: connectHttp2 } = process.getBuiltinModule("node:http2");

/** How long a call may take and what goes with it. */
export interface GrpcCallOptions {
  /** Cancels the call: its stream is reset and it fails with status `CANCELLED`. */
  readonly signal?: AbortSignal;
  /** Time the call has, in milliseconds; absent means as long as the connection. Sent along and enforced here. */
  readonly timeoutMs?: number;
  /** Headers sent with the call, such as `traceparent`; names are lower case. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The calling end of one connection. */
export interface GrpcChannel extends AsyncDisposable {
  /** Settles when the connection has ended, from whichever side; never rejects. */
  readonly closed: Promise<void>;
  /**
   * Sends one message and answers the one that comes back.
   *
   * @throws {@link ProtocolError} `CALL_FAILED`, `MESSAGE_TOO_LARGE`, `FRAME_MALFORMED`, `METHOD_UNSUPPORTED`
   */
  unary<I, O>(method: Method<I, O>, message: I, options?: GrpcCallOptions): Promise<O>;
  /**
   * Sends one message and yields those that come back, as fast as they are pulled. Leaving the loop cancels the call.
   *
   * @throws {@link ProtocolError} as `unary`, while iterating
   */
  stream<I, O>(method: Method<I, O>, message: I, options?: GrpcCallOptions): AsyncIterable<O>;
  /**
   * Sends messages as fast as the other side reads them and answers the one that comes back. The other side may answer before it has read
   * all; nothing more is asked of `messages` then. When `messages` fails, the call is cancelled and fails with that very error.
   *
   * @throws {@link ProtocolError} as `unary`
   */
  clientStream<I, O>(
    method: Method<I, O>,
    messages: AsyncIterable<I>,
    options?: GrpcCallOptions,
  ): Promise<O>;
  /**
   * Sends messages and yields those that come back, each direction at the pace of its reader. The call begins with the first pull; the end
   * of `messages` ends our half alone. Otherwise as `stream` and `clientStream`.
   *
   * @throws {@link ProtocolError} as `unary`, while iterating
   */
  bidirectional<I, O>(
    method: Method<I, O>,
    messages: AsyncIterable<I>,
    options?: GrpcCallOptions,
  ): AsyncIterable<O>;
  /** Ends the connection; calls still running fail with status `UNAVAILABLE`. Closing twice is closing once. */
  close(): Promise<void>;
}

/**
 * Opens the calling end of a connection over the stream that `connect` answers, without TLS of its own. Resolves when the other
 * side has shown that it speaks HTTP/2.
 *
 * @throws {@link ProtocolError} `CONNECT_FAILED`
 * @throws RangeError for a limit that is none
 */
export async function openGrpcChannel(
  connect: () => Promise<Duplex>,
  options: GrpcOptions = {},
): Promise<GrpcChannel> {
  const limits = grpcLimits(options);
  const { signal } = options;
  if (signal?.aborted === true) throw failed("the attempt was cancelled", signal.reason);
  const duplex = await connect().catch((error: unknown) => {
    throw failed("no stream could be opened", error);
  });
  const session = connectHttp2("http://localhost", {
    createConnection: () => duplex,
    maxOutstandingPings: 4,
    maxSettings: 32,
    settings: {
      enablePush: false,
      initialWindowSize: LIMITS.streamWindowBytes,
      maxHeaderListSize: limits.maxHeaderListBytes,
    },
  });
  await greeted(session, signal);
  session.setLocalWindowSize(LIMITS.connectionWindowBytes);

  const closed = new Promise<void>((resolve) => {
    if (session.destroyed) resolve();
    else {
      session.once("close", () => resolve());
      duplex.once("close", () => resolve());
    }
  });
  // After GOAWAY nothing new may start here; what runs may end.
  session.on("goaway", () => session.close());
  const close = async (): Promise<void> => {
    await endSession(session, duplex);
  };
  return {
    closed,
    unary: async (method, message, callOptions = {}) => {
      refuseKind(method.kind, "unary");
      return await onlyAnswer(runCall(session, limits, method, { message }, callOptions));
    },
    stream: (method, message, callOptions = {}) => {
      refuseKind(method.kind, "server-stream");
      return runCall(session, limits, method, { message }, callOptions);
    },
    clientStream: async (method, messages, callOptions = {}) => {
      refuseKind(method.kind, "client-stream");
      return await onlyAnswer(runCall(session, limits, method, { messages }, callOptions));
    },
    bidirectional: (method, messages, callOptions = {}) => {
      refuseKind(method.kind, "bidirectional");
      return runCall(session, limits, method, { messages }, callOptions);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function onlyAnswer<O>(answers: AsyncIterable<O>): Promise<O> {
  let only: { readonly message: O } | undefined;
  for await (const message of answers) {
    if (only !== undefined) throw misframed("more than one message");
    only = { message };
  }
  if (only === undefined) throw misframed("no message");
  return only.message;
}

function greeted(session: ClientHttp2Session, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      session.destroy();
      reject(failed("the attempt was cancelled", signal?.reason));
    };
    session.once("remoteSettings", () => {
      signal?.removeEventListener("abort", leave);
      resolve();
    });
    // Stays for the whole life of the session: a late error must not become an uncaught one.
    session.on("error", (error) => reject(failed("the other side does not speak HTTP/2", error)));
    session.once("close", () => {
      signal?.removeEventListener("abort", leave);
      reject(failed("the other side ended the connection", undefined));
    });
    signal?.addEventListener("abort", leave, { once: true });
  });
}

const failed = (found: string, cause: unknown): ProtocolError =>
  new ProtocolError("CONNECT_FAILED", `Cannot open a gRPC connection: ${found}`, {
    cause,
    status: STATUS.UNAVAILABLE,
  });
