import { once } from "node:events";
import { connect as openSession } from "node:http2";
import { Duplex, Transform } from "node:stream";
import { count } from "@sigilrt/testing/counts";
import fc from "fast-check";
import { expect, it } from "vitest";
import { frameMessage, STATUS } from "../index.ts";
import { socketPair } from "../testing/socket-folder.ts";
import { bidirectionalRoute, createGrpcServer, type Method, openGrpcChannel } from "./index.ts";

const both: Method<Uint8Array, Uint8Array> = {
  path: "/test.Streams/Both",
  kind: "bidirectional",
  encode: (message) => message,
  decode: (message) => message,
};
const server = createGrpcServer([
  bidirectionalRoute(both, async function* (messages) {
    yield* messages;
  }),
]);
const numRuns = count("calls");

it("brings the same messages back however the bytes of both directions are cut", async () => {
  let widths = [1];
  const cut = (end: Duplex): Duplex => {
    const pieces = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        for (let at = 0, turn = 0; at < chunk.length; turn += 1) {
          const width = widths[turn % widths.length] ?? 1;
          this.push(chunk.subarray(at, at + width));
          at += width;
        }
        done();
      },
    });
    return Duplex.from({ readable: end.pipe(pieces), writable: end });
  };
  const [near, far] = await socketPair();
  server.accept(cut(far));
  const channel = await openGrpcChannel(async () => cut(near));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
      async (messages, cuts) => {
        widths = cuts;
        const sent = (async function* () {
          yield* messages;
        })();
        const seen: number[][] = [];
        for await (const message of channel.bidirectional(both, sent)) seen.push([...message]);
        expect(seen).toEqual(messages.map((message) => [...message]));
      },
    ),
    { numRuns },
  );
  await channel.close();
});

it("answers any bytes of a caller, and goes on", async () => {
  const [near, far] = await socketPair();
  server.accept(far);
  const session = openSession("http://localhost", { createConnection: () => near });
  const known = new Set(Object.values(STATUS).map(String));
  const pieces = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.uint8Array({ maxLength: 12 }).map(frameMessage),
      fc.constant(Uint8Array.of(0, 255, 255, 255, 255)),
    ),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(pieces, async (parts) => {
      const stream = session.request(
        { ":method": "POST", ":path": both.path, "content-type": "application/grpc" },
        { endStream: false },
      );
      let status: unknown;
      stream.on("trailers", (trailers) => (status = trailers["grpc-status"]));
      stream.on("error", () => undefined);
      stream.resume();
      const closed = once(stream, "close");
      for (const part of parts) stream.write(part);
      stream.end();
      await closed;
      expect(known).toContain(status);
    }),
    { numRuns },
  );
  session.destroy();
});
