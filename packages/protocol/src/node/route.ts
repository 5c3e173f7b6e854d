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

/** One served method; made by {@link unaryRoute}, {@link streamRoute}, {@link clientStreamRoute} or {@link bidirectionalRoute}. */
export interface Route {
  /** `/package.Service/Method`. */
  readonly path: string;
  /**
   * Answers the bytes of requests with those of answers. Reading on fails as `CANCELLED` when the call is over, and otherwise says what is
   * wrong with the requests.
   */
  serve(requests: AsyncIterable<Uint8Array>, context: RouteContext): AsyncIterable<Uint8Array>;
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
    async *serve(requests, context) {
      const request = decoded(method, await onlyRequest(requests));
      yield method.encode(await handler(request, context));
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
    async *serve(requests, context) {
      const request = decoded(method, await onlyRequest(requests));
      for await (const message of handler(request, context)) yield method.encode(message);
    },
  };
}

/**
 * Serves a method that takes a stream; a slow handler slows its caller. The handler may answer before it has read all. Errors as in
 * {@link unaryRoute}.
 *
 * @throws {@link ProtocolError} `METHOD_UNSUPPORTED` for a method of another kind
 */
export function clientStreamRoute<I, O>(
  method: Method<O, I>,
  handler: (messages: AsyncIterable<I>, context: RouteContext) => Promise<O>,
): Route {
  refuseKind(method.kind, "client-stream");
  return {
    path: method.path,
    async *serve(requests, context) {
      yield method.encode(await handler(eachDecoded(method, requests), context));
    },
  };
}

/**
 * Serves a method that takes a stream and answers with one, each at the pace of its reader. The end of the messages is the end of the
 * caller's half alone; the end of the answers ends the call. Errors as in {@link unaryRoute}.
 *
 * @throws {@link ProtocolError} `METHOD_UNSUPPORTED` for a method of another kind
 */
export function bidirectionalRoute<I, O>(
  method: Method<O, I>,
  handler: (messages: AsyncIterable<I>, context: RouteContext) => AsyncIterable<O>,
): Route {
  refuseKind(method.kind, "bidirectional");
  return {
    path: method.path,
    async *serve(requests, context) {
      const messages = eachDecoded(method, requests);
      for await (const message of handler(messages, context)) yield method.encode(message);
    },
  };
}

async function onlyRequest(requests: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let only: Uint8Array | undefined;
  for await (const request of requests) {
    if (only !== undefined) throw notOne();
    only = request;
  }
  if (only === undefined) throw notOne();
  return only;
}

const notOne = (): ProtocolError =>
  new ProtocolError("FRAME_MALFORMED", "Cannot read a request: it is not exactly one message", {
    status: STATUS.INTERNAL,
  });

async function* eachDecoded<I, O>(
  method: Method<O, I>,
  requests: AsyncIterable<Uint8Array>,
): AsyncGenerator<I, void, undefined> {
  for await (const request of requests) yield decoded(method, request);
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
  throw new ProtocolError("METHOD_UNSUPPORTED", `Cannot serve a ${kind} method as ${served}`, {
    status: STATUS.UNIMPLEMENTED,
  });
}
