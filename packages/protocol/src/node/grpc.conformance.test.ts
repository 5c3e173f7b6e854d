import { once } from "node:events";
import { connect as openSession } from "node:http2";
import { duplexPair, type Duplex } from "node:stream";
import { connect, createServer } from "node:net";
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { ProtocolError, STATUS } from "../index.ts";
import {
  createGrpcServer,
  type GrpcOptions,
  type Method,
  openGrpcChannel,
  type Route,
  streamRoute,
  unaryRoute,
} from "./index.ts";
import { socketFolder } from "../testing/socket-folder.ts";
import { transports } from "../testing/transports.ts";

const bytes = {
  encode: (message: Uint8Array): Uint8Array => message,
  decode: (message: Uint8Array): Uint8Array => message,
};
const method = (
  name: string,
  kind: Method<never, never>["kind"],
): Method<Uint8Array, Uint8Array> => ({ path: `/test.Echo/${name}`, kind, ...bytes });
const echo = method("Echo", "unary");
const many = method("Many", "server-stream");
const fail = method("Fail", "unary");
const hang = method("Hang", "server-stream");

const routes: readonly Route[] = [
  unaryRoute(echo, async (message) => message),
  unaryRoute(fail, async (message) => {
    throw new ProtocolError("CALL_FAILED", `status ü ${message[0]}`, { status: message[0] ?? 0 });
  }),
  unaryRoute(method("Throw", "unary"), async () => {
    throw new Error("secret");
  }),
  streamRoute(many, async function* (message) {
    for (let index = 0; index < (message[0] ?? 0); index += 1) yield Uint8Array.of(index);
  }),
  streamRoute(hang, async function* (message, { signal }) {
    yield message;
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }),
];

const codes = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no failure",
    (error: unknown) => (error instanceof ProtocolError ? [error.code, error.status] : error),
  );

const copied = (message: Uint8Array): Buffer => Buffer.from(message);

const collect = async (items: AsyncIterable<Uint8Array>): Promise<readonly number[]> => {
  const seen: number[] = [];
  for await (const item of items) seen.push(item[0] ?? -1);
  return seen;
};

describe.each(transports)("our client and our server over $name", (transport) => {
  const pair = (options: GrpcOptions = {}, serverOptions: GrpcOptions = {}) =>
    transport.connected(routes, options, serverOptions);

  it.each([0, 100, 1_048_576, 5_242_880])("echo %i bytes", async (size) => {
    await using run = await pair();
    const { channel } = run;
    const message = new Uint8Array(size).fill(7);
    expect(Buffer.compare(await channel.unary(echo, message), message)).toBe(0);
  });

  it.each(Object.values(STATUS).filter((status) => status > 0))(
    "carry status %i with its text",
    async (status) => {
      await using run = await pair();
      const { channel } = run;
      const failure = channel.unary(fail, Uint8Array.of(status));
      await expect(failure).rejects.toMatchObject({ code: "CALL_FAILED", status });
      await expect(failure).rejects.toThrow(`status ü ${status}`);
    },
  );

  it("keep the text of an unknown error on the server", async () => {
    await using run = await pair();
    const { channel } = run;
    const failure = channel.unary(method("Throw", "unary"), new Uint8Array());
    await expect(failure).rejects.toThrow("UNKNOWN, the handler failed");
  });

  it("stream in order, and 100 calls at once keep apart", async () => {
    await using run = await pair();
    const { channel } = run;
    expect(await collect(channel.stream(many, Uint8Array.of(200)))).toEqual(
      Array.from({ length: 200 }, (_item, index) => index),
    );
    const sizes = Array.from({ length: 100 }, (_item, index) => index);
    const answers = await Promise.all(
      sizes.map((size) => channel.unary(echo, Uint8Array.of(size))),
    );
    expect(answers.map(([first]) => first)).toEqual(sizes);
  });

  it("answer an unknown path with UNIMPLEMENTED", async () => {
    await using run = await pair();
    const { channel } = run;
    expect(await codes(channel.unary(method("None", "unary"), new Uint8Array()))).toEqual([
      "CALL_FAILED",
      STATUS.UNIMPLEMENTED,
    ]);
  });

  it("end a call at its deadline and on abort, and go on", async () => {
    await using run = await pair();
    const { channel } = run;
    expect(await codes(collect(channel.stream(hang, Uint8Array.of(1), { timeoutMs: 50 })))).toEqual(
      ["CALL_FAILED", STATUS.DEADLINE_EXCEEDED],
    );
    expect(await codes(collect(channel.stream(hang, Uint8Array.of(1), { timeoutMs: 0 })))).toEqual([
      "CALL_FAILED",
      STATUS.DEADLINE_EXCEEDED,
    ]);
    const signal = AbortSignal.timeout(30);
    expect(await codes(collect(channel.stream(hang, Uint8Array.of(1), { signal })))).toEqual([
      "CALL_FAILED",
      STATUS.CANCELLED,
    ]);
    expect(
      await codes(channel.unary(echo, Uint8Array.of(1), { signal: AbortSignal.abort() })),
    ).toEqual(["CALL_FAILED", STATUS.CANCELLED]);
    expect(await channel.unary(echo, Uint8Array.of(9))).toEqual(Buffer.of(9));
  });

  it("refuse a message above the limit on either side", async () => {
    await using run = await pair({ maxMessageBytes: 10 }, { maxMessageBytes: 20 });
    const { channel } = run;
    expect(await codes(channel.unary(echo, new Uint8Array(11)))).toEqual([
      "MESSAGE_TOO_LARGE",
      STATUS.RESOURCE_EXHAUSTED,
    ]);
    expect(await codes(channel.unary(echo, new Uint8Array(21)))).toEqual([
      "CALL_FAILED",
      STATUS.RESOURCE_EXHAUSTED,
    ]);
    expect(await channel.unary(echo, new Uint8Array(10))).toHaveLength(10);
  });

  it("fail running calls as UNAVAILABLE when the connection goes", async () => {
    await using run = await pair();
    const { channel, near } = run;
    const running = codes(collect(channel.stream(hang, Uint8Array.of(1))));
    await channel.unary(echo, new Uint8Array());
    near.destroy();
    expect(await running).toEqual(["CALL_FAILED", STATUS.UNAVAILABLE]);
    await channel.closed;
    expect(await codes(channel.unary(echo, new Uint8Array()))).toEqual([
      "CALL_FAILED",
      STATUS.UNAVAILABLE,
    ]);
  });

  it.each(["client-stream", "bidirectional"] as const)(
    "refuse a %s method as another",
    async (kind) => {
      await using run = await pair();
      const { channel } = run;
      const refused = { code: "METHOD_UNSUPPORTED", status: STATUS.UNIMPLEMENTED };
      await expect(channel.unary(method("Echo", kind), new Uint8Array())).rejects.toMatchObject(
        refused,
      );
      expect(() => channel.stream(method("Echo", kind), new Uint8Array())).toThrow(
        expect.objectContaining(refused),
      );
      await expect(
        channel.clientStream(method("Echo", "unary"), (async function* () {})()),
      ).rejects.toMatchObject(refused);
      expect(() =>
        channel.bidirectional(method("Echo", "unary"), (async function* () {})()),
      ).toThrow(expect.objectContaining(refused));
      expect(() => unaryRoute(method("Echo", kind), async (message) => message)).toThrow(
        expect.objectContaining(refused),
      );
    },
  );

  it("refuse a unary answer of two messages", async () => {
    await using run = await pair();
    const { channel } = run;
    expect(await codes(channel.unary({ ...many, kind: "unary" }, Uint8Array.of(2)))).toEqual([
      "FRAME_MALFORMED",
      STATUS.INTERNAL,
    ]);
  });
});

describe("our engine over any stream", () => {
  it.each([
    ["application/grpc", 200],
    ["text/plain", 415],
  ])("answer a client that never stops sending %s before the reset", async (type, status) => {
    const [near, far]: [Duplex, Duplex] = duplexPair();
    const server = createGrpcServer(routes);
    server.accept(far);
    const session = openSession("http://localhost", { createConnection: () => near });
    const stream = session.request({
      ":method": "POST",
      ":path": "/test.Echo/None",
      "content-type": type,
    });
    stream.on("error", () => undefined);
    stream.resume();
    const sending = setInterval(() => stream.writable && stream.write(Buffer.alloc(65_536)), 1);
    const closed = once(stream, "close");
    const [headers] = await once(stream, "response");
    await closed;
    clearInterval(sending);
    expect(headers[":status"]).toBe(status);
    session.destroy();
    await server.close();
  });

  it("refuse a peer that does not speak HTTP/2 in the time given, and a limit that is none", async () => {
    const [near, far]: [Duplex, Duplex] = duplexPair();
    far.end("HTTP/1.1 200 OK\r\n\r\n");
    expect(
      await codes(openGrpcChannel(async () => near, { signal: AbortSignal.timeout(200) })),
    ).toEqual(["CONNECT_FAILED", STATUS.UNAVAILABLE]);
    await expect(openGrpcChannel(async () => near, { maxMessageBytes: 2 ** 31 })).rejects.toThrow(
      RangeError,
    );
    const silent: [Duplex, Duplex] = duplexPair();
    expect(
      await codes(openGrpcChannel(async () => silent[0], { signal: AbortSignal.timeout(30) })),
    ).toEqual(["CONNECT_FAILED", STATUS.UNAVAILABLE]);
  });
});

describe("an independent peer", () => {
  it("serves our client", async () => {
    await using place = await socketFolder();
    const server = new Server();
    const definition = {
      path: echo.path,
      requestStream: false,
      responseStream: false,
      requestSerialize: copied,
      requestDeserialize: copied,
      responseSerialize: copied,
      responseDeserialize: copied,
    };
    server.addService(
      { echo: definition, many: { ...definition, path: many.path, responseStream: true } },
      {
        echo: (
          call: { request: Buffer; metadata: { get(name: string): unknown[] } },
          done: (error: unknown, answer?: Buffer) => void,
        ) =>
          call.request[0] === 255 ? done({ code: 7, details: "nö" }) : done(null, call.request),
        many: (call: { request: Buffer; write(part: Buffer): void; end(): void }) => {
          for (let index = 0; index < (call.request[0] ?? 0); index += 1)
            call.write(Buffer.of(index));
          call.end();
        },
      } as UntypedServiceImplementation,
    );
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`unix:${place.socket}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
    const channel = await openGrpcChannel(async () => connect(place.socket));
    expect(await channel.unary(echo, new Uint8Array(1_048_576).fill(3))).toHaveLength(1_048_576);
    expect(await collect(channel.stream(many, Uint8Array.of(5)))).toEqual([0, 1, 2, 3, 4]);
    await expect(channel.unary(echo, Uint8Array.of(255))).rejects.toThrow("PERMISSION_DENIED, nö");
    await channel.close();
    server.forceShutdown();
  });

  it("calls our server", async () => {
    await using place = await socketFolder();
    const server = createGrpcServer(routes);
    const listener = createServer((socket) => server.accept(socket)).listen(place.socket);
    const client = new Client(`unix:${place.socket}`, credentials.createInsecure());
    const call = (path: string, message: Buffer): Promise<Buffer> =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          path,
          copied,
          copied,
          message,
          { deadline: Date.now() + 5000 },
          (error, answer) => (error ? reject(error) : resolve(answer ?? Buffer.of())),
        );
      });
    expect(await call(echo.path, Buffer.alloc(1_048_576))).toHaveLength(1_048_576);
    await expect(call(fail.path, Buffer.of(9))).rejects.toMatchObject({
      code: 9,
      details: "status ü 9",
    });
    await expect(call("/test.Echo/None", Buffer.of())).rejects.toMatchObject({ code: 12 });
    client.close();
    await server.close();
    await new Promise((resolve) => listener.close(resolve));
  });
});
