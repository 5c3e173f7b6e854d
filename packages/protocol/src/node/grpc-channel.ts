import type { ClientHttp2Session } from "node:http2";
import type { Duplex } from "node:stream";
import { LIMITS } from "../limits.ts";
import { ProtocolError } from "../protocol-error.ts";
import { STATUS } from "../status.ts";
import { runCall } from "./grpc-call.ts";
import { type GrpcOptions, grpcLimits } from "./grpc-options.ts";
import type { Method } from "./method.ts";
import { after } from "./timeout.ts";

// Not an import: in a bundle of one file that would be loaded before a plugin prints its handshake, and take half its start.
const { connect: connectHttp2, constants } = process.getBuiltinModule("node:http2");

/** How long the other side may take to end a connection that is closed, in milliseconds. */
const LINGER_MS = 200;

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
    else session.once("close", () => resolve());
  });
  // After GOAWAY nothing new may start here; what runs may end.
  session.on("goaway", () => session.close());
  const close = async (): Promise<void> => {
    session.destroy(undefined, constants.NGHTTP2_NO_ERROR);
    // After a GOAWAY the session waits for the other side, which may be gone without having said so.
    const stop = after(LINGER_MS, () => duplex.destroy());
    await closed;
    stop();
  };
  return {
    closed,
    unary: async (method, message, callOptions = {}) => {
      refuseKind(method.kind, "unary");
      let answer: { readonly message: OutputOf<typeof method> } | undefined;
      for await (const received of runCall(session, limits, method, message, callOptions)) {
        if (answer !== undefined) throw misframed("more than one message");
        answer = { message: received };
      }
      if (answer === undefined) throw misframed("no message");
      return answer.message;
    },
    stream: (method, message, callOptions = {}) => {
      refuseKind(method.kind, "server-stream");
      return runCall(session, limits, method, message, callOptions);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

type OutputOf<M> = M extends Method<never, infer O> ? O : never;

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

function refuseKind(kind: string, served: string): void {
  if (kind === served) return;
  throw new ProtocolError(
    "METHOD_UNSUPPORTED",
    `Cannot call a ${kind} method as ${served}: only unary and server-stream methods are served in this version`,
    { status: STATUS.UNIMPLEMENTED },
  );
}

const failed = (found: string, cause: unknown): ProtocolError =>
  new ProtocolError("CONNECT_FAILED", `Cannot open a gRPC connection: ${found}`, {
    cause,
    status: STATUS.UNAVAILABLE,
  });

const misframed = (found: string): ProtocolError =>
  new ProtocolError("FRAME_MALFORMED", `Cannot read the answer of a unary call: ${found}`, {
    status: STATUS.INTERNAL,
  });
