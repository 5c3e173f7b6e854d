import { once } from "node:events";
import { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { ProtocolError, STATUS } from "../index.ts";
import { socketPair } from "../testing/socket-folder.ts";
import { transports } from "../testing/transports.ts";
import {
  both,
  back,
  type Bytes,
  collect,
  each,
  echo,
  endless,
  failureOf,
  type Handler,
  numbers,
  pairOver,
  sum,
} from "../testing/stream-calls.ts";
import {
  type GrpcCallOptions,
  type GrpcChannel,
  type Method,
  openGrpcChannel,
  createGrpcServer,
} from "./index.ts";

describe.each(transports)("$name: streams to the serving end", (transport) => {
  const pair = pairOver(transport);
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

describe.each(transports)("$name: the pace of a reader", (transport) => {
  const pair = pairOver(transport);
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

describe.each(transports)("$name: the end of a call", (transport) => {
  const pair = pairOver(transport);
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

  it.each<readonly [string, GrpcCallOptions]>([
    ["here", { timeoutMs: 50 }],
    ...(transport.name === "gRPC"
      ? ([["there", { metadata: { "grpc-timeout": "50m" } }]] as const)
      : []),
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

describe.each(transports)("$name: large messages", (transport) => {
  const pair = pairOver(transport);
  it("go and come at once without ending each other", async () => {
    await using run = await pair();
    const large = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      for (const fill of [1, 2]) yield new Uint8Array(5_242_880).fill(fill);
    };
    const [unary, streams] = await Promise.all([
      Promise.all(
        [3, 4, 5].map((fill) => run.channel.unary(echo, new Uint8Array(5_242_880).fill(fill))),
      ),
      Promise.all([6, 7].map(() => collect(run.channel.bidirectional(both, large())))),
    ]);
    expect(unary.map((message) => [message[0], message.length])).toEqual([
      [3, 5_242_880],
      [4, 5_242_880],
      [5, 5_242_880],
    ]);
    expect(streams).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });
});

describe("a connection whose writes never end", () => {
  it("is closed all the same", async () => {
    const [near, far] = await socketPair();
    const server = createGrpcServer([]);
    server.accept(far);
    let stuck = false;
    const stalled = new Duplex({
      read: () => near.resume(),
      write: (chunk, _encoding, done) => {
        if (!stuck) near.write(chunk, done);
      },
    });
    near.on("data", (chunk) => stalled.push(chunk) || near.pause());
    const channel = await openGrpcChannel(async () => stalled);
    stuck = true;
    const call = failureOf(channel.unary(echo, Uint8Array.of(1)));
    await channel.close();
    expect(await call).toEqual(["CALL_FAILED", STATUS.UNAVAILABLE]);
    expect(stalled.destroyed).toBe(true);
    near.destroy();
    await server.close();
  });
});
