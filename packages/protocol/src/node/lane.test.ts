import { once } from "node:events";
import { duplexPair, type Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { createLaneReader, encodeLaneFrame, type LaneFrame, STATUS } from "../index.ts";
import {
  LANE_TERMS,
  type LaneOptions,
  type Method,
  openLane,
  streamRoute,
  unaryRoute,
} from "./index.ts";

const bytes = {
  encode: (message: Uint8Array): Uint8Array => message,
  decode: (message: Uint8Array): Uint8Array => message,
};
const echo: Method<Uint8Array, Uint8Array> = { path: "/t/Echo", kind: "unary", ...bytes };
const hang: Method<Uint8Array, Uint8Array> = { path: "/t/Hang", kind: "server-stream", ...bytes };
const opening = { kind: "open", timeoutMs: 0, metadata: {}, hasMore: false } as const;
const message = Uint8Array.of(1);

/** One end that is ours, and raw frames at the other. */
function against(options: Partial<LaneOptions> = {}) {
  const [near, far]: [Duplex, Duplex] = duplexPair();
  const lane = openLane(near, {
    role: "plugin",
    methods: [echo.path],
    routes: [],
    peer: LANE_TERMS,
    ...options,
  });
  const seen: LaneFrame[] = [];
  let wake = Promise.withResolvers<void>();
  const reader = createLaneReader(2 ** 20, (frame) => {
    seen.push(frame);
    wake.resolve();
  });
  far.on("data", (chunk: Uint8Array) => reader.push(Uint8Array.from(chunk)));
  far.on("error", () => undefined);
  return {
    lane,
    seen,
    send: (...frames: readonly LaneFrame[]) => {
      far.write(Buffer.concat(frames.map(encodeLaneFrame)));
    },
    async until(found: (frame: LaneFrame) => boolean): Promise<LaneFrame> {
      for (;;) {
        const frame = seen.find(found);
        if (frame !== undefined) return frame;
        wake = Promise.withResolvers();
        // oxlint-disable-next-line no-await-in-loop -- until it comes
        await wake.promise;
      }
    },
  };
}
const statusOf = (stream: number) => (frame: LaneFrame) =>
  frame.kind === "end" && frame.stream === stream;

describe("a lane that serves", () => {
  const gate = Promise.withResolvers<never>();
  const routes = [
    unaryRoute(echo, async (given) => given),
    unaryRoute({ ...echo, path: "/t/Stuck" }, () => gate.promise),
    streamRoute(hang, async function* (given, { signal }) {
      yield given;
      await once(signal, "abort");
    }),
  ];

  it("ends a call at its deadline, and tells metadata and time to the handler", async () => {
    let metadata: unknown;
    const told = unaryRoute(echo, async (given, context) => {
      metadata = { ...context.metadata, isTimed: (context.timeoutMs ?? 0) > 0 };
      return given;
    });
    const run = against({ routes: [told, routes[2]] });
    const trace = { traceparent: "00-1-2-01" };
    const first = { ...opening, stream: 1, method: 0, message, isLast: true } as const;
    run.send({ ...first, timeoutMs: 5000, metadata: trace });
    expect(await run.until(statusOf(1))).toMatchObject({ status: STATUS.OK });
    expect(metadata).toEqual({ ...trace, isTimed: true });
    run.send({ ...first, stream: 3, method: 1, timeoutMs: 20 });
    expect(await run.until(statusOf(3))).toMatchObject({ status: STATUS.DEADLINE_EXCEEDED });
    await run.lane.close();
  });

  it("answers a cancel by an end at once, and what still comes for the call by nothing", async () => {
    const run = against({ routes });
    run.send({ ...opening, stream: 1, method: 2, message, isLast: true });
    await run.until((frame) => frame.kind === "data");
    run.send({ kind: "cancel", stream: 1, status: STATUS.CANCELLED, text: "" });
    expect(await run.until(statusOf(1))).toMatchObject({ status: STATUS.CANCELLED });
    run.send(
      { kind: "cancel", stream: 1, status: STATUS.CANCELLED, text: "" },
      { kind: "credit", stream: 1, bytes: 10 },
      { kind: "data", stream: 1, message, hasMore: false, isLast: false },
      { ...opening, stream: 3, method: 0, message, isLast: true },
    );
    expect(await run.until(statusOf(3))).toMatchObject({ status: STATUS.OK });
    expect(run.lane.violation()).toBeUndefined();
    await run.lane.close();
  });

  it("refuses calls while too many handlers that were cancelled still run: rapid reset", async () => {
    const run = against({ routes, role: "host" });
    for (let stream = 2; stream <= 2 * 300; stream += 2) {
      run.send(
        { ...opening, stream, method: 1, message, isLast: true },
        { kind: "cancel", stream, status: STATUS.CANCELLED, text: "" },
      );
    }
    expect(await run.until(statusOf(600))).toMatchObject({ status: STATUS.RESOURCE_EXHAUSTED });
    expect(await run.until(statusOf(2 * 256))).toMatchObject({ status: STATUS.CANCELLED });
    expect(await run.until(statusOf(2 * 257))).toMatchObject({ status: STATUS.RESOURCE_EXHAUSTED });
    await run.lane.close();
  });

  it("keeps messages that are not whole within four times the largest", async () => {
    const run = against({ routes, maxMessageBytes: 1000 });
    const part = new Uint8Array(900);
    for (const stream of [1, 3, 5, 7, 9]) {
      run.send({ ...opening, stream, method: 0, message: part, isLast: false, hasMore: true });
    }
    expect(await run.until(statusOf(9))).toMatchObject({ status: STATUS.RESOURCE_EXHAUSTED });
    expect(run.seen.filter(({ kind }) => kind === "end")).toHaveLength(1);
    await run.lane.close();
  });

  it("gives back the credit of all it takes, so that a lane never runs dry", async () => {
    const run = against({ routes });
    const large = new Uint8Array(60_000);
    for (let stream = 1; stream < 2 * 400; stream += 2) {
      run.send({ ...opening, stream, method: 0, message: large, isLast: true });
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await run.until(statusOf(stream));
      run.send({ kind: "credit", stream: 0, bytes: 60_064 });
    }
    // 24 MB of 8 MiB: what is not given back would have ended the lane.
    expect(run.lane.violation()).toBeUndefined();
    await run.lane.close();
  });
});

describe("a lane that calls", () => {
  it("fails calls that the other side says it did not run, and makes no more", async () => {
    const run = against();
    const calls = [run.lane.unary(echo, message), run.lane.unary(echo, message)];
    await run.until((frame) => frame.kind === "open" && frame.stream === 4);
    run.send({ kind: "goaway", lastStream: 2, text: "" });
    await expect(calls[1]).rejects.toMatchObject({ status: STATUS.UNAVAILABLE });
    run.send(
      { kind: "data", stream: 2, message, hasMore: false, isLast: false },
      { kind: "end", stream: 2, status: STATUS.OK, text: "" },
    );
    expect(await calls[0]).toEqual(Buffer.from(message));
    await expect(run.lane.unary(echo, message)).rejects.toMatchObject({
      status: STATUS.UNAVAILABLE,
    });
    await run.lane.close();
  });

  it("makes 128 calls at once as a plugin, and the next when one has ended", async () => {
    const run = against();
    const calls = Array.from({ length: 129 }, () => run.lane.unary(echo, message));
    await run.until((frame) => frame.kind === "open" && frame.stream === 256);
    expect(run.seen.filter(({ kind }) => kind === "open")).toHaveLength(128);
    run.send({ kind: "end", stream: 2, status: STATUS.ABORTED, text: "no" });
    await expect(calls[0]).rejects.toThrow("ABORTED, no");
    await run.until((frame) => frame.kind === "open" && frame.stream === 258);
    const rest = Promise.allSettled(calls);
    await run.lane.close();
    expect((await rest).filter(({ status }) => status === "rejected")).toHaveLength(129);
  });

  it("sends no more than the credit there is, and goes on with more", async () => {
    const peer = { maxFrameBytes: 131_072, streamCreditBytes: 40_000, laneCreditBytes: 40_000 };
    const run = against({ peer });
    const sent = (): number =>
      run.seen.reduce(
        (sum, frame) =>
          frame.kind === "open" || frame.kind === "data"
            ? sum + (frame.message?.byteLength ?? 0)
            : sum,
        0,
      );
    const call = run.lane.unary(echo, new Uint8Array(100_000));
    await run.until((frame) => frame.kind === "open");
    expect(sent()).toBe(40_000 - 64);
    run.send({ kind: "credit", stream: 2, bytes: 100_000 });
    run.send({ kind: "credit", stream: 0, bytes: 100_000 });
    await run.until((frame) => frame.kind === "data" && frame.isLast);
    expect(sent()).toBe(100_000);
    run.send(
      { kind: "data", stream: 2, message, hasMore: false, isLast: false },
      { kind: "end", stream: 2, status: STATUS.OK, text: "" },
    );
    expect(await call).toEqual(Buffer.from(message));
    await run.lane.close();
  });

  it("pings, and is answered with the same number", async () => {
    const run = against();
    const ping = run.lane.ping();
    const asked = await run.until(({ kind }) => kind === "ping");
    run.send({ kind: "ping", value: 77n });
    expect(await run.until(({ kind }) => kind === "pong")).toEqual({ kind: "pong", value: 77n });
    if (asked.kind === "ping") run.send({ kind: "pong", value: asked.value });
    await ping;
    await expect(run.lane.ping({ timeoutMs: 10 })).rejects.toMatchObject({
      status: STATUS.DEADLINE_EXCEEDED,
    });
    await run.lane.close();
  });

  it("refuses metadata that cannot be sent before the call has a number", async () => {
    const run = against();
    const metadata = { a: "ü" };
    await expect(run.lane.unary(echo, message, { metadata })).rejects.toThrow(TypeError);
    const next = run.lane.unary(echo, message);
    expect(await run.until(({ kind }) => kind === "open")).toMatchObject({ stream: 2 });
    const [lost] = await Promise.allSettled([next, run.lane.close()]);
    expect(lost).toMatchObject({ reason: { status: STATUS.UNAVAILABLE } });
  });

  it.each([
    ["an end of a call that was never made", { kind: "end", stream: 8, status: 0, text: "" }],
    ["the wrong number for a ping", { kind: "pong", value: 9n }],
    ["an end of its own call", { kind: "end", stream: 1, status: 0, text: "" }],
    ["a credit that overflows", { kind: "credit", stream: 0, bytes: 0xffff_ffff }],
  ] as const)("ends all calls as LANE_VIOLATED for %s", async (_what, frame) => {
    const run = against();
    const call = run.lane.unary(echo, message);
    await run.until(({ kind }) => kind === "open");
    run.send(frame);
    await expect(call).rejects.toMatchObject({ code: "LANE_VIOLATED", status: STATUS.INTERNAL });
    await expect(run.lane.unary(echo, message)).rejects.toMatchObject({ code: "LANE_VIOLATED" });
    expect(run.lane.violation()).toMatchObject({ code: "LANE_VIOLATED" });
    await run.lane.closed;
  });
});
