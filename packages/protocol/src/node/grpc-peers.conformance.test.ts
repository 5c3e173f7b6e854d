import { once } from "node:events";
import { connect as openSession, constants, createServer as createHttp2Server } from "node:http2";
import { connect, createServer } from "node:net";
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
  always,
  back,
  both,
  collect,
  each,
  endless,
  failureOf,
  type Handler,
  numbers,
  sum,
  total,
} from "../testing/stream-calls.ts";
import { bidirectionalRoute, createGrpcServer, openGrpcChannel } from "./index.ts";

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
