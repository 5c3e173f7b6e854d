import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { once } from "node:events";
import { duplexPair, type Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../index.ts";
import { createMuxSession, type MuxSession } from "./index.ts";
import { MUX_FLAG, muxFrame } from "./mux-frames.ts";

const { SYN, FIN, RST } = MUX_FLAG;

interface Joined extends AsyncDisposable {
  readonly host: MuxSession;
  readonly plugin: MuxSession;
  /** The streams that the plugin took, as they came. */
  readonly taken: Duplex[];
}

function joined(take: (stream: Duplex) => void = () => undefined): Joined {
  const taken: Duplex[] = [];
  const [near, far]: [Duplex, Duplex] = duplexPair();
  const host = createMuxSession(near, { side: "host" });
  const plugin = createMuxSession(far, {
    side: "plugin",
    accept: (stream) => {
      taken.push(stream);
      take(stream);
    },
  });
  const dispose = async (): Promise<void> => {
    await host.close();
    await plugin.close();
  };
  return { host, plugin, taken, [Symbol.asyncDispose]: dispose };
}

/** A host whose plugin is nothing but bytes. */
function against(accept?: (stream: Duplex) => void) {
  const [near, far]: [Duplex, Duplex] = duplexPair();
  const host = createMuxSession(near, {
    side: "host",
    ...(accept === undefined ? {} : { accept }),
  });
  return { host, far };
}

const violation = { code: "MUX_VIOLATED" };
const echo = (stream: Duplex): void => void stream.pipe(stream);
const frames = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);
const syn = (id: number): Uint8Array => muxFrame.window(id, SYN, 0);
const data = (id: number, bytes: number): Buffer =>
  frames(muxFrame.data(id, bytes), Buffer.alloc(bytes));

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");
/** What is still reachable: without a collection it would be what was used since the last one. */
const heldBytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

describe("two ends", () => {
  it("carry 100 streams at once without mixing them", async () => {
    await using both = joined(echo);
    const answers = Array.from({ length: 100 }, async (_, index) => {
      const stream = both.host.open();
      stream.end(`${index} `.repeat(index));
      return (await buffer(stream)).toString();
    });
    expect(await Promise.all(answers)).toEqual(
      Array.from({ length: 100 }, (_, index) => `${index} `.repeat(index)),
    );
  });

  it("carry more than a window, whole and in order", async () => {
    await using both = joined(echo);
    const sent = Buffer.from(Uint32Array.from({ length: 500_000 }, (_, index) => index).buffer);
    const stream = both.host.open();
    stream.end(sent);
    expect((await buffer(stream)).equals(sent)).toBe(true);
  });

  it("stop at the window of a stream that nobody reads, and of that alone", async () => {
    await using both = joined((stream) => {
      if (both.taken.length > 1) echo(stream);
    });
    const slow = both.host.open();
    let isWritten = false;
    slow.write(Buffer.alloc(300_000), () => (isWritten = true));
    const other = both.host.open();
    other.end("goes on");
    expect((await buffer(other)).toString()).toBe("goes on");
    expect(isWritten).toBe(false);
    const [unread] = both.taken;
    unread?.resume();
    if (!isWritten) await once(slow, "drain");
    expect(isWritten).toBe(true);
  });

  it("open streams from both sides", async () => {
    await using both = joined();
    const expected = new Promise<Duplex>((resolve) => both.host.expect(resolve));
    both.plugin.open().end("from the plugin");
    expect((await buffer(await expected)).toString()).toBe("from the plugin");
  });

  it("give streams to those who expect them in turn, and refuse what nobody does", async () => {
    await using both = joined();
    const order: string[] = [];
    both.host.expect(() => order.push("first"));
    const withdraw = both.host.expect(() => order.push("withdrawn"));
    both.host.expect(() => order.push("second"));
    withdraw();
    both.plugin.open();
    both.plugin.open();
    const refused = both.plugin.open();
    const [error] = await once(refused, "error");
    expect([order, error]).toMatchObject([
      ["first", "second"],
      { message: "the other side reset the stream" },
    ]);
  });

  it("end a stream on both sides when one destroys it, and none but that", async () => {
    await using both = joined();
    const [one, other] = [both.host.open(), both.host.open()];
    one.write("a");
    other.write("b");
    while (both.taken.length < 2) {
      // oxlint-disable-next-line no-await-in-loop -- until both came
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [far, rest] = both.taken;
    one.destroy();
    await new Promise((resolve) => far?.once("close", resolve));
    expect([far?.destroyed, rest?.destroyed]).toEqual([true, false]);
  });

  it("end all streams with the connection, and open no more", async () => {
    const both = joined();
    const stream = both.host.open();
    stream.write("a");
    await both.plugin.close();
    await both.host.closed;
    expect(stream.destroyed).toBe(true);
    expect(() => both.host.open()).toThrow(expect.objectContaining({ code: "CONNECT_FAILED" }));
    await both.host.close();
  });

  it("open 256 streams each at most", async () => {
    await using both = joined();
    for (let opened = 0; opened < 256; opened += 1) both.host.open();
    expect(() => both.host.open()).toThrow(expect.objectContaining({ code: "CONNECT_FAILED" }));
  });
});

describe("a hostile plugin", () => {
  it.each([
    ["bytes that are no frames", Buffer.from("HTTP/1.1 200 OK\r\n\r\n")],
    ["HTTP/2", Buffer.from("000006040000000000000500100000", "hex")],
    ["a stream with a number of the host", syn(1)],
    ["a stream with number 0", syn(0)],
    ["a stream twice", frames(syn(2), syn(2))],
    ["a stream with a number that went before", frames(syn(4), syn(2))],
    ["data of a stream that was never opened", data(4, 1)],
    ["data of a stream of the host that was never opened", data(3, 1)],
    ["more than the window", frames(syn(2), data(2, 200_000), data(2, 200_000))],
    ["a window that overflows", frames(syn(2), muxFrame.window(2, 0, 0xffff_ffff))],
    ["data after the end", frames(syn(2), muxFrame.window(2, FIN, 0), data(2, 1))],
    ["a second end", frames(syn(2), muxFrame.window(2, FIN, 0), muxFrame.window(2, FIN, 0))],
    ["a farewell with a reason", muxFrame.goaway(1)],
  ])("is left when it sends %s", async (_, bytes) => {
    const { host, far } = against(() => undefined);
    far.on("error", () => undefined).resume();
    const stream = host.open();
    far.write(bytes);
    expect(await host.closed).toMatchObject(violation);
    expect(stream.destroyed).toBe(true);
    await host.close();
  });

  it.each([
    ["pings", () => Buffer.concat([Uint8Array.of(0, 2, 0, 1), Buffer.alloc(8)])],
    ["streams that nobody expects", (index: number) => syn(2 * index + 2)],
  ])("is left when it floods with %s and reads no answer", async (_, make) => {
    const { host, far } = against();
    const flood = Array.from({ length: 20_000 }, (_unused, index) => make(index));
    far.write(Buffer.concat(flood));
    expect(await host.closed).toMatchObject(violation);
  });

  it("has its pings answered", async () => {
    const { host, far } = against();
    far.write(Buffer.from("000200010000000000000007", "hex"));
    const [answer] = await once(far, "data");
    expect(Buffer.from(answer).toString("hex")).toBe("000200020000000000000007");
    await host.close();
  });

  it("cannot make single bytes cost much more than their number", async () => {
    const streams: Duplex[] = [];
    const { host, far } = against((stream) => streams.push(stream));
    far.on("error", () => undefined).resume();
    const one = frames(syn(2), Buffer.alloc(13 * 200_000, data(2, 1)));
    const before = heldBytes();
    far.write(one);
    while (streams.length === 0) {
      // oxlint-disable-next-line no-await-in-loop -- until it came
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(heldBytes() - before).toBeLessThan(2 ** 24);
    const [stream] = streams;
    far.write(muxFrame.window(2, FIN, 0));
    expect(await buffer(stream as Duplex)).toHaveLength(200_000);
    await host.close();
  });

  it("cannot open more than 256 streams: the rest are refused", async () => {
    let taken = 0;
    const { host, far } = against(() => (taken += 1));
    far.on("error", () => undefined).resume();
    for (let id = 2; id <= 2 * 300; id += 2) {
      // oxlint-disable-next-line no-await-in-loop -- its answers are read
      await new Promise((resolve) => far.write(syn(id), resolve));
    }
    expect(taken).toBe(256);
    far.write(muxFrame.window(2, RST, 0));
    await new Promise((resolve) => far.write(syn(602), resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBe(257);
    await host.close();
  });

  it("gets an end or a violation for whatever it sends", async () => {
    const frame = fc
      .tuple(fc.nat(3), fc.nat(15), fc.nat(6), fc.nat(40), fc.uint8Array({ maxLength: 40 }))
      .map(([type, flags, stream, value, body]) => {
        const header = Buffer.alloc(12);
        header.writeUInt8(type, 1);
        header.writeUInt16BE(flags, 2);
        header.writeUInt32BE(stream, 4);
        header.writeUInt32BE(type === 0 ? body.length : value, 8);
        return type === 0 ? frames(header, body) : header;
      });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(frame, fc.uint8Array()), { maxLength: 12 }),
        async (parts) => {
          const { host, far } = against(echo);
          far.on("error", () => undefined).resume();
          host.open().write("something");
          for (const part of parts) if (far.writable) far.write(part);
          far.end();
          const fault = await host.closed;
          expect(fault === undefined || (fault instanceof ProtocolError && fault.code)).toSatisfy(
            (code) => code === true || code === "MUX_VIOLATED",
          );
          await host.close();
        },
      ),
    );
  });
});
