import { once } from "node:events";
import { connect as openSession, constants, createServer as createHttp2Server } from "node:http2";
import { connect, createServer } from "node:net";
import type { Duplex } from "node:stream";
import { callbackify } from "node:util";
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { frameMessage, ProtocolError, STATUS } from "../index.ts";
import { socketFolder, socketPair } from "../testing/socket-folder.ts";
import {
  bidirectionalRoute,
  clientStreamRoute,
  createGrpcServer,
  type GrpcChannel,
  type GrpcOptions,
  type Method,
  openGrpcChannel,
  type Route,
  type RouteContext,
  unaryRoute,
} from "./index.ts";

type Bytes = AsyncIterable<Uint8Array>;

const method = (
  name: string,
  kind: Method<never, never>["kind"],
): Method<Uint8Array, Uint8Array> => ({
  path: `/test.Streams/${name}`,
  kind,
  encode: (message) => message,
  decode: (message) => message,
});
const both = method("Both", "bidirectional");
const sum = method("Sum", "client-stream");
const echo = method("Echo", "unary");

const total = async (messages: Bytes): Promise<Uint8Array> => {
  let all = 0;
  for await (const [first = 0] of messages) all += first;
  return Uint8Array.of(all);
};
const back = async function* (messages: Bytes): AsyncGenerator<Uint8Array, void, undefined> {
  yield* messages;
};
const always: readonly Route[] = [
  clientStreamRoute(sum, total),
  unaryRoute(echo, async (message) => message),
];

type Handler = (messages: Bytes, context: RouteContext) => Bytes;

async function pair(
  handler: Handler = back,
  options: GrpcOptions = {},
  serverOptions: GrpcOptions = {},
): Promise<{ readonly channel: GrpcChannel; readonly near: Duplex } & AsyncDisposable> {
  const [near, far] = await socketPair();
  const server = createGrpcServer([...always, bidirectionalRoute(both, handler)], serverOptions);
  server.accept(far);
  const channel = await openGrpcChannel(async () => near, options);
  return {
    channel,
    near,
    [Symbol.asyncDispose]: async () => {
      await channel.close();
      await server.close();
    },
  };
}

async function* each(...numbers: readonly number[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const number of numbers) yield Uint8Array.of(number);
}

/** Yields, and then waits for as long as it is wanted; tells when it no longer is. */
function endless(...numbers: readonly number[]): Bytes & { readonly returned: Promise<void> } {
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

const collect = async (items: Bytes): Promise<readonly number[]> => {
  const seen: number[] = [];
  for await (const item of items) seen.push(item[0] ?? -1);
  return seen;
};

const failureOf = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no failure",
    (error: unknown) => (error instanceof ProtocolError ? [error.code, error.status] : error),
  );

const numbers = Array.from({ length: 200 }, (_item, index) => index);

describe("streams to the serving end", () => {
  it("arrive in order, and one answer comes back", async () => {
    await using run = await pair();
    expect(await run.channel.clientStream(sum, each(1, 2, 3))).toEqual(Buffer.of(6));
    expect(await run.channel.clientStream(sum, each())).toEqual(Buffer.of(0));
  });

  it("come back as they were sent, whatever their size", async () => {
    await using run = await pair();
    expect(await collect(run.channel.bidirectional(both, each(...numbers)))).toEqual(numbers);
    const sizes = [0, 100, 1_048_576, 5_242_880];
    const large = (async function* () {
      for (const size of sizes) yield new Uint8Array(size).fill(7);
    })();
    const seen: number[] = [];
    for await (const message of run.channel.bidirectional(both, large)) seen.push(message.length);
    expect(seen).toEqual(sizes);
  });

  it("answer each question before the next is asked", async () => {
    await using run = await pair();
    let answered = Promise.withResolvers<void>();
    const asked = (async function* () {
      for (const number of numbers) {
        yield Uint8Array.of(number);
        // oxlint-disable-next-line no-await-in-loop -- each waits for the answer to the one before
        await answered.promise;
        answered = Promise.withResolvers();
      }
    })();
    const seen: number[] = [];
    for await (const [first = -1] of run.channel.bidirectional(both, asked)) {
      seen.push(first);
      answered.resolve();
    }
    expect(seen).toEqual(numbers);
  });

  it("answer after the caller's half has ended, and to a caller that sends nothing", async () => {
    await using run = await pair(async function* (messages) {
      yield* each(...(await collect(messages)), 99);
    });
    expect(await collect(run.channel.bidirectional(both, each(1, 2)))).toEqual([1, 2, 99]);
    expect(await collect(run.channel.bidirectional(both, each()))).toEqual([99]);
  });

  it("keep apart when 100 of them run at once", async () => {
    await using run = await pair();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_item, id) =>
        collect(run.channel.bidirectional(both, each(id, id + 1, id + 2))),
      ),
    );
    expect(answers).toEqual(Array.from({ length: 100 }, (_item, id) => [id, id + 1, id + 2]));
  });
});

describe("the pace of a reader", () => {
  const CHUNK = 65_536;
  const MANY = 1024;
  const manyTurns = async (channel: GrpcChannel): Promise<void> => {
    // oxlint-disable-next-line no-await-in-loop -- each question is a turn of both ends
    for (const number of numbers) await channel.unary(echo, Uint8Array.of(number));
  };

  it("holds the messages of a caller back", async () => {
    let pulled = 0;
    await using run = await pair(async function* (messages, { signal }) {
      await once(signal, "abort");
      yield* messages;
    });
    const flood = (async function* () {
      for (; pulled < MANY; pulled += 1) yield new Uint8Array(CHUNK);
    })();
    const stop = new AbortController();
    const call = failureOf(
      collect(run.channel.bidirectional(both, flood, { signal: stop.signal })),
    );
    await manyTurns(run.channel);
    expect(pulled * CHUNK).toBeGreaterThan(0);
    expect(pulled * CHUNK).toBeLessThan(4 * 1_048_576);
    stop.abort();
    expect(await call).toEqual(["CALL_FAILED", STATUS.CANCELLED]);
  });

  it("holds the answers of a handler back", async () => {
    let made = 0;
    await using run = await pair(async function* () {
      for (; made < MANY; made += 1) yield new Uint8Array(CHUNK);
    });
    const answers = run.channel.bidirectional(both, endless())[Symbol.asyncIterator]();
    expect((await answers.next()).done).toBe(false);
    await manyTurns(run.channel);
    expect(made * CHUNK).toBeLessThan(4 * 1_048_576);
    await answers.return?.();
  });
});

describe("the end of a call", () => {
  /** A handler that answers once and then reads on; `seen` tells how its reading ended. */
  const reading = (): { readonly handler: Handler; readonly seen: Promise<unknown> } => {
    const seen = Promise.withResolvers<unknown>();
    return {
      seen: seen.promise,
      async *handler(messages, { signal }) {
        yield Uint8Array.of(1);
        const reads = await failureOf(collect(messages));
        seen.resolve([reads, signal.aborted]);
      },
    };
  };
  const over = [["CALL_FAILED", STATUS.CANCELLED], true];

  it("comes with the caller's signal, which the handler and the messages hear of", async () => {
    const { handler, seen } = reading();
    await using run = await pair(handler);
    const stop = new AbortController();
    const messages = endless(1);
    const { signal } = stop;
    const answers = run.channel.bidirectional(both, messages, { signal })[Symbol.asyncIterator]();
    await answers.next();
    stop.abort();
    expect(await failureOf(answers.next())).toEqual(["CALL_FAILED", STATUS.CANCELLED]);
    await messages.returned;
    expect(await seen).toEqual(over);
    expect(await run.channel.unary(echo, Uint8Array.of(9))).toEqual(Buffer.of(9));
  });

  it("comes when the caller leaves its loop", async () => {
    const { handler, seen } = reading();
    await using run = await pair(handler);
    const messages = endless(1);
    for await (const _ of run.channel.bidirectional(both, messages)) break;
    await messages.returned;
    expect(await seen).toEqual(over);
  });

  it.each([
    ["here", { timeoutMs: 50 }],
    ["there", { metadata: { "grpc-timeout": "50m" } }],
  ])("comes at the deadline, which is kept %s", async (_where, options) => {
    const { handler, seen } = reading();
    await using run = await pair(handler);
    const messages = endless(1);
    expect(await failureOf(collect(run.channel.bidirectional(both, messages, options)))).toEqual([
      "CALL_FAILED",
      STATUS.DEADLINE_EXCEEDED,
    ]);
    await messages.returned;
    expect(await seen).toEqual(over);
    expect(await failureOf(run.channel.clientStream(sum, endless(1), options))).toEqual([
      "CALL_FAILED",
      STATUS.DEADLINE_EXCEEDED,
    ]);
  });

  it("comes with the answer of a handler that has not read all", async () => {
    await using run = await pair(async function* (messages) {
      for await (const message of messages) {
        yield message;
        return;
      }
    });
    const messages = endless(5, 6);
    expect(await collect(run.channel.bidirectional(both, messages))).toEqual([5]);
    await messages.returned;
  });

  it("comes with the failure of a handler that reads nothing of a flood", async () => {
    await using run = await pair(() => {
      throw new ProtocolError("CALL_FAILED", "not today", { status: STATUS.ABORTED });
    });
    const flood = (async function* () {
      for (;;) yield new Uint8Array(65_536);
    })();
    const failure = collect(run.channel.bidirectional(both, flood));
    await expect(failure).rejects.toMatchObject({ code: "CALL_FAILED", status: STATUS.ABORTED });
    await expect(failure).rejects.toThrow("not today");
  });

  it.each([
    ["fails", 1, "no more"],
    ["yields what cannot be written", 300, "300 is no byte"],
  ])("comes when the source of the messages %s", async (_how, second, words) => {
    const { handler, seen } = reading();
    await using run = await pair(handler);
    const answered = Promise.withResolvers<void>();
    const messages = (async function* () {
      yield 1;
      await answered.promise;
      yield second;
      throw new Error("no more");
    })();
    const byte: Method<number, Uint8Array> = {
      ...both,
      encode: (number) => {
        if (number > 255) throw new Error(`${number} is no byte`);
        return Uint8Array.of(number);
      },
    };
    const answers = run.channel.bidirectional(byte, messages)[Symbol.asyncIterator]();
    await answers.next();
    answered.resolve();
    await expect(answers.next()).rejects.toThrow(words);
    expect(await seen).toEqual(over);
  });

  it("comes with the connection, as UNAVAILABLE", async () => {
    const { handler, seen } = reading();
    await using run = await pair(handler);
    const messages = endless(1);
    const answers = run.channel.bidirectional(both, messages)[Symbol.asyncIterator]();
    await answers.next();
    run.near.destroy();
    expect(await failureOf(answers.next())).toEqual(["CALL_FAILED", STATUS.UNAVAILABLE]);
    await messages.returned;
    expect(await seen).toEqual(over);
  });

  it("comes with a message above the limit of either side", async () => {
    await using run = await pair(back, { maxMessageBytes: 10 }, { maxMessageBytes: 20 });
    const sized = async function* (...sizes: readonly number[]): Bytes {
      for (const size of sizes) yield new Uint8Array(size);
    } as (...sizes: readonly number[]) => Bytes;
    expect(await failureOf(collect(run.channel.bidirectional(both, sized(10, 11))))).toEqual([
      "MESSAGE_TOO_LARGE",
      STATUS.RESOURCE_EXHAUSTED,
    ]);
    expect(await failureOf(collect(run.channel.bidirectional(both, sized(10, 21))))).toEqual([
      "CALL_FAILED",
      STATUS.RESOURCE_EXHAUSTED,
    ]);
    expect(await failureOf(run.channel.clientStream(sum, sized(10, 21)))).toEqual([
      "CALL_FAILED",
      STATUS.RESOURCE_EXHAUSTED,
    ]);
  });

  it.each([
    ["none", []],
    ["two", [1, 2]],
  ])("is a failure when a stream of messages has %s for its one answer", async (_, given) => {
    await using run = await pair();
    const asSum = { ...both, kind: "client-stream" } as const;
    expect(await failureOf(run.channel.clientStream(asSum, each(...given)))).toEqual([
      "FRAME_MALFORMED",
      STATUS.INTERNAL,
    ]);
  });
});

describe("a hostile caller", () => {
  const attack = async (
    handler: Handler,
    act: (stream: ReturnType<ReturnType<typeof openSession>["request"]>) => void,
  ): Promise<unknown> => {
    const [near, far] = await socketPair();
    const server = createGrpcServer([...always, bidirectionalRoute(both, handler)]);
    server.accept(far);
    const session = openSession("http://localhost", { createConnection: () => near });
    const stream = session.request(
      { ":method": "POST", ":path": both.path, "content-type": "application/grpc" },
      { endStream: false },
    );
    let status: unknown;
    stream.on("trailers", (trailers) => (status = trailers["grpc-status"]));
    stream.on("error", () => undefined);
    stream.resume();
    const closed = once(stream, "close").catch(() => undefined);
    act(stream);
    await closed;
    session.destroy();
    await server.close();
    return status;
  };

  it.each([
    ["a message cut short", frameMessage(new Uint8Array(9)).subarray(0, 8)],
    ["a prefix cut short", Uint8Array.of(0, 0)],
    ["a compressed message", Uint8Array.of(1, 0, 0, 0, 0)],
  ])("that sends %s is answered with INTERNAL", async (_what, bytes) => {
    expect(await attack(back, (stream) => stream.end(bytes))).toBe(String(STATUS.INTERNAL));
  });

  it("that claims a message of 4 GiB is answered before it sends it", async () => {
    const bytes = Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff);
    expect(await attack(back, (stream) => stream.write(bytes))).toBe(
      String(STATUS.RESOURCE_EXHAUSTED),
    );
  });

  it.each([
    ["no error", undefined],
    ["an error", new Error("gone")],
  ])(
    "that resets with %s is a call that is over, never an end of its messages",
    async (_, cause) => {
      const seen = Promise.withResolvers<unknown>();
      const handler: Handler = async function* (messages) {
        yield Uint8Array.of(1);
        seen.resolve(await failureOf(collect(messages)));
      };
      await attack(handler, (stream) => stream.once("data", () => stream.destroy(cause)));
      expect(await seen.promise).toEqual(["CALL_FAILED", STATUS.CANCELLED]);
    },
  );

  it("that never stops sending is reset once its call is answered", async () => {
    const handler: Handler = async function* (messages) {
      for await (const message of messages) {
        yield message;
        break;
      }
    };
    let flood: NodeJS.Timeout | undefined;
    const status = await attack(handler, (stream) => {
      const message = frameMessage(new Uint8Array(65_536));
      flood = setInterval(() => stream.writable && stream.write(message), 1);
    });
    clearInterval(flood);
    expect(status).toBe("0");
  });
});

describe("a hostile callee", () => {
  it.each([
    [constants.NGHTTP2_REFUSED_STREAM, STATUS.UNAVAILABLE],
    [constants.NGHTTP2_CANCEL, STATUS.CANCELLED],
    [constants.NGHTTP2_ENHANCE_YOUR_CALM, STATUS.RESOURCE_EXHAUSTED],
    [constants.NGHTTP2_INTERNAL_ERROR, STATUS.INTERNAL],
  ])("that resets with code %i ends the call with status %i", async (code, status) => {
    const [near, far] = await socketPair();
    const server = createHttp2Server();
    server.on("stream", (stream) => {
      stream.on("error", () => undefined);
      stream.once("data", () => stream.close(code));
    });
    server.emit("connection", far);
    const channel = await openGrpcChannel(async () => near);
    const messages = endless(1, 2, 3);
    expect(await failureOf(collect(channel.bidirectional(both, messages)))).toEqual([
      "CALL_FAILED",
      status,
    ]);
    await messages.returned;
    await channel.close();
  });

  it("that ends without a status ends the call, whose messages have no end", async () => {
    const [near, far] = await socketPair();
    const server = createHttp2Server();
    server.on("stream", (stream) => {
      stream.on("error", () => undefined);
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.end(frameMessage(Uint8Array.of(4)));
      stream.resume();
    });
    server.emit("connection", far);
    const channel = await openGrpcChannel(async () => near);
    const messages = endless(1);
    const answers = channel.bidirectional(both, messages)[Symbol.asyncIterator]();
    expect((await answers.next()).value).toEqual(Buffer.of(4));
    expect(await failureOf(answers.next())).toEqual(["CALL_FAILED", STATUS.UNKNOWN]);
    await messages.returned;
    await channel.close();
  });
});

describe("an independent peer of streams", () => {
  const copied = (message: Uint8Array): Buffer => Buffer.from(message);

  it("serves our client", async () => {
    await using place = await socketFolder();
    const server = new Server();
    const definition = {
      requestStream: true,
      requestSerialize: copied,
      requestDeserialize: copied,
      responseSerialize: copied,
      responseDeserialize: copied,
    };
    server.addService(
      {
        sum: { ...definition, path: sum.path, responseStream: false },
        both: { ...definition, path: both.path, responseStream: true },
      },
      {
        sum: (call: AsyncIterable<Buffer>, done: (error: unknown, answer?: Uint8Array) => void) =>
          callbackify(total)(call, done),
        both: (
          call: NodeJS.ReadableStream & {
            write(part: Buffer): void;
            end(): void;
          } & NodeJS.EventEmitter,
        ) => {
          call.on("data", (part: Buffer) =>
            part[0] === 255
              ? call.emit("error", { code: STATUS.ABORTED, details: "nö" })
              : call.write(part),
          );
          call.on("end", () => call.end());
        },
      } as UntypedServiceImplementation,
    );
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`unix:${place.socket}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
    const channel = await openGrpcChannel(async () => connect(place.socket));
    expect(await channel.clientStream(sum, each(1, 2, 3))).toEqual(Buffer.of(6));
    expect(await collect(channel.bidirectional(both, each(...numbers)))).toEqual(numbers);
    const refused = endless(1, 255);
    await expect(collect(channel.bidirectional(both, refused))).rejects.toThrow("ABORTED, nö");
    await refused.returned;
    expect(
      await failureOf(collect(channel.bidirectional(both, endless(1), { timeoutMs: 50 }))),
    ).toEqual(["CALL_FAILED", STATUS.DEADLINE_EXCEEDED]);
    await channel.close();
    server.forceShutdown();
  });

  it("calls our server", async () => {
    await using place = await socketFolder();
    const ended = Promise.withResolvers<unknown>();
    const server = createGrpcServer([
      ...always,
      bidirectionalRoute(both, async function* (messages) {
        for await (const message of messages) {
          if (message[0] === 254) {
            ended.resolve(await failureOf(collect(messages)));
            return;
          }
          if (message[0] === 255)
            throw new ProtocolError("CALL_FAILED", "nö", { status: STATUS.ABORTED });
          yield message;
        }
      }),
    ]);
    const listener = createServer((socket) => server.accept(socket)).listen(place.socket);
    const client = new Client(`unix:${place.socket}`, credentials.createInsecure());
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const call = client.makeClientStreamRequest(sum.path, copied, copied, (error, found) =>
        error ? reject(error) : resolve(found ?? Buffer.of()),
      );
      for (const number of [1, 2, 3]) call.write(Buffer.of(number));
      call.end();
    });
    expect(answer).toEqual(Buffer.of(6));

    const talk = client.makeBidiStreamRequest(both.path, copied, copied);
    for (const number of numbers) talk.write(Buffer.of(number));
    talk.end();
    expect(await collect(talk)).toEqual(numbers);

    const refused = client.makeBidiStreamRequest(both.path, copied, copied);
    refused.write(Buffer.of(255));
    await expect(collect(refused)).rejects.toMatchObject({ code: STATUS.ABORTED, details: "nö" });

    const left = client.makeBidiStreamRequest(both.path, copied, copied);
    left.on("error", () => undefined);
    left.write(Buffer.of(7));
    await once(left, "data");
    left.write(Buffer.of(254));
    left.cancel();
    client.close();
    await server.close();
    await new Promise((resolve) => listener.close(resolve));
    // Cancelled before or after the last message was read; what is left is never taken for an end.
    ended.resolve(["CALL_FAILED", STATUS.CANCELLED]);
    expect(await ended.promise).toEqual(["CALL_FAILED", STATUS.CANCELLED]);
  });
});
