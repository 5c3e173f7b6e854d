import { ProtocolError } from "../index.ts";
import {
  bidirectionalRoute,
  clientStreamRoute,
  type GrpcOptions,
  type Method,
  type Route,
  type RouteContext,
  unaryRoute,
} from "../node/index.ts";
import type { Connected, Transport } from "./transports.ts";

export type Bytes = AsyncIterable<Uint8Array>;

const method = (
  name: string,
  kind: Method<never, never>["kind"],
): Method<Uint8Array, Uint8Array> => ({
  path: `/test.Streams/${name}`,
  kind,
  encode: (message) => message,
  decode: (message) => message,
});
export const both = method("Both", "bidirectional");
export const sum = method("Sum", "client-stream");
export const echo = method("Echo", "unary");

export const total = async (messages: Bytes): Promise<Uint8Array> => {
  let all = 0;
  for await (const [first = 0] of messages) all += first;
  return Uint8Array.of(all);
};
export const back = async function* (messages: Bytes): AsyncGenerator<Uint8Array, void, undefined> {
  yield* messages;
};
export const always: readonly Route[] = [
  clientStreamRoute(sum, total),
  unaryRoute(echo, async (message) => message),
];

export type Handler = (messages: Bytes, context: RouteContext) => Bytes;

/** Both ends over one transport, with `handler` behind {@link both}. */
export const pairOver =
  (transport: Transport) =>
  (
    handler: Handler = back,
    options: GrpcOptions = {},
    serverOptions: GrpcOptions = {},
  ): Promise<Connected> =>
    transport.connected([...always, bidirectionalRoute(both, handler)], options, serverOptions);

export async function* each(
  ...numbers: readonly number[]
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const number of numbers) yield Uint8Array.of(number);
}

/** Yields, and then waits for as long as it is wanted; tells when it no longer is. */
export function endless(
  ...numbers: readonly number[]
): Bytes & { readonly returned: Promise<void> } {
  const returned = Promise.withResolvers<void>();
  const left = [...numbers];
  return {
    returned: returned.promise,
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const number = left.shift();
        if (number === undefined) return await new Promise(() => undefined);
        return { done: false, value: Uint8Array.of(number) };
      },
      return: async () => {
        returned.resolve();
        return { done: true, value: undefined };
      },
    }),
  };
}

export const collect = async (items: Bytes): Promise<readonly number[]> => {
  const seen: number[] = [];
  for await (const item of items) seen.push(item[0] ?? -1);
  return seen;
};

export const failureOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no failure",
    (error: unknown) => (error instanceof ProtocolError ? [error.code, error.status] : error),
  );

export const numbers = Array.from({ length: 200 }, (_item, index) => index);
