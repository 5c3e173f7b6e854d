import { ProtocolError } from "../protocol-error.ts";
import { STATUS } from "../status.ts";
import type { Method } from "./method.ts";

/** What a handler knows of its call. */
export interface RouteContext {
  /** Aborts when the caller cancels, its time is over or the connection ends. */
  readonly signal: AbortSignal;
  /** Time the call had when it arrived, in milliseconds. */
  readonly timeoutMs?: number;
  /** The headers of the call. A claim of the caller. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** One served method; made by {@link unaryRoute} or {@link streamRoute}. */
export interface Route {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** Answers the bytes of one request with those of its answers. */
  serve(request: Uint8Array, context: RouteContext): AsyncIterable<Uint8Array>;
}

/**
 * Serves a unary method. A {@link ProtocolError} with a status ends the call with it; any other error ends it as `UNKNOWN`
 * without its text.
 *
 * @throws {@link ProtocolError} `METHOD_UNSUPPORTED` for a method of another kind
 */
export function unaryRoute<I, O>(
  method: Method<O, I>,
  handler: (message: I, context: RouteContext) => Promise<O>,
): Route {
  refuseKind(method.kind, "unary");
  return {
    path: method.path,
    async *serve(request, context) {
      yield method.encode(await handler(decoded(method, request), context));
    },
  };
}

/**
 * Serves a method that answers with a stream; a slow reader slows the handler.
 *
 * @throws {@link ProtocolError} `METHOD_UNSUPPORTED` for a method of another kind
 */
export function streamRoute<I, O>(
  method: Method<O, I>,
  handler: (message: I, context: RouteContext) => AsyncIterable<O>,
): Route {
  refuseKind(method.kind, "server-stream");
  return {
    path: method.path,
    async *serve(request, context) {
      for await (const message of handler(decoded(method, request), context)) {
        yield method.encode(message);
      }
    },
  };
}

function decoded<I, O>(method: Method<O, I>, bytes: Uint8Array): I {
  try {
    return method.decode(bytes);
  } catch (error) {
    throw new ProtocolError("FRAME_MALFORMED", `Cannot read a request of ${method.path}`, {
      cause: error,
      status: STATUS.INTERNAL,
    });
  }
}

function refuseKind(kind: string, served: string): void {
  if (kind === served) return;
  throw new ProtocolError(
    "METHOD_UNSUPPORTED",
    `Cannot serve a ${kind} method as ${served}: only unary and server-stream methods are served in this version`,
    { status: STATUS.UNIMPLEMENTED },
  );
}
