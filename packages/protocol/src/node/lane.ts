import type { Duplex } from "node:stream";
import type { LaneFrame } from "../lane-frames.ts";
import { createLaneReader } from "../lane-reader.ts";
import { ProtocolError } from "../protocol-error.ts";
import { STATUS } from "../status.ts";
import { callCancelled, callEnded, callExpired } from "./call-failure.ts";
import type { GrpcCallOptions, GrpcChannel } from "./grpc-channel.ts";
import { grpcLimits } from "./grpc-options.ts";
import { createInterruption } from "./interruption.ts";
import { createLaneCallee } from "./lane-callee.ts";
import { createLaneCaller } from "./lane-caller.ts";
import { createLaneCore } from "./lane-core.ts";
import { violation } from "./lane-credit.ts";
import { LANE_CALLS, LANE_TERMS, type LaneTerms } from "./lane-terms.ts";
import type { Route } from "./route.ts";
import { after } from "./timeout.ts";

/** What a lane runs on. */
export interface LaneOptions {
  /** Which side this is. */
  readonly role: "host" | "plugin";
  /** What the other side serves: paths, at their numbers. */
  readonly methods: readonly string[];
  /** What this side serves, at its numbers; what is missing answers `UNIMPLEMENTED`. */
  readonly routes: readonly (Route | undefined)[];
  /** What the other side takes, as `Lane.Open` told. */
  readonly peer: LaneTerms;
  /** The largest message that is taken, in bytes; 16 MiB by default. */
  readonly maxMessageBytes?: number;
}

/**
 * A connection for calls in both directions, by frames instead of gRPC. Calls mean the same as on a {@link GrpcChannel}: deadlines, signals,
 * metadata, statuses, and the pace of readers.
 */
export interface Lane extends GrpcChannel {
  /** Whether the other side serves this method here. */
  carries(path: string): boolean;
  /**
   * Asks whether the other side still reads.
   *
   * @throws {@link ProtocolError} `CALL_FAILED`, `LANE_VIOLATED` when the lane ends first
   */
  ping(options?: Pick<GrpcCallOptions, "signal" | "timeoutMs">): Promise<void>;
  /** What the other side did against the rules, if that ended the lane. */
  violation(): ProtocolError | undefined;
}

/** While this much waits for the other side to read, nothing more of it is read: it could otherwise fill the memory with its answers. */
const MOST_BACKLOG_BYTES = 4_194_304;
const LINGER_MS = 250;

/**
 * Opens one side of a lane over `duplex`, which both sides have agreed on by `Lane.Open`. A side that breaks the rules of the lane ends it:
 * all calls fail as `LANE_VIOLATED`, and nothing is repeated elsewhere.
 *
 * @throws RangeError for a limit that is none
 */
export function openLane(duplex: Duplex, options: LaneOptions): Lane {
  const { role, methods, routes, peer } = options;
  const { maxMessageBytes } = grpcLimits(options);
  const ours = role === "host" ? 1 : 2;
  const other = role === "host" ? "plugin" : "host";
  let violated: ProtocolError | undefined;
  let isPongOut = true;
  let pinging: PromiseWithResolvers<void> | undefined;
  let pings = 0n;

  const violate = (error: ProtocolError): void => {
    violated ??= error;
    duplex.destroy();
    over();
  };
  const core = createLaneCore(duplex, LANE_TERMS, peer, maxMessageBytes, violate);
  const caller = createLaneCaller(core, methods, ours, LANE_CALLS[role]);
  const callee = createLaneCallee(core, routes, LANE_CALLS[other]);
  const carried = new Set(methods);

  const endOf = (path: string): ProtocolError =>
    violated === undefined
      ? callEnded(path, STATUS.UNAVAILABLE, "the connection was lost")
      : new ProtocolError("LANE_VIOLATED", violated.message, {
          cause: violated,
          status: STATUS.INTERNAL,
        });
  const over = (): void => {
    caller.fail(endOf);
    callee.stop();
    core.deadlines.clear();
    pinging?.reject(endOf("the lane"));
    pinging = undefined;
  };
  const take = (frame: LaneFrame): void => {
    switch (frame.kind) {
      case "open":
      case "data":
      case "end":
      case "cancel":
        (frame.stream % 2 === ours % 2 ? caller : callee).take(frame);
        return;
      case "credit":
        if (frame.stream === 0) core.grant(frame.bytes);
        else (frame.stream % 2 === ours % 2 ? caller : callee).take(frame);
        return;
      case "ping":
        if (!isPongOut) throw violation("a second ping before the answer to the first");
        isPongOut = false;
        core.send({ kind: "pong", value: frame.value });
        core.onceOut(() => {
          isPongOut = true;
        });
        return;
      case "pong":
        if (pinging === undefined || frame.value !== pings) throw violation("an answer to no ping");
        pinging.resolve();
        pinging = undefined;
        return;
      case "goaway":
        caller.leave(frame.lastStream);
        return;
      default:
        frame satisfies never;
    }
  };
  const reader = createLaneReader(LANE_TERMS.maxFrameBytes, take);
  duplex.on("data", (bytes: Uint8Array) => {
    if (violated !== undefined) return;
    try {
      reader.push(bytes);
    } catch (error) {
      violate(error instanceof ProtocolError ? error : violation("what cannot be read"));
      return;
    }
    if (core.backlog() > MOST_BACKLOG_BYTES) duplex.pause();
  });
  duplex.on("drain", () => duplex.resume());
  duplex.on("error", () => undefined);
  duplex.once("end", over);
  const closed = new Promise<void>((resolve) => {
    duplex.once("close", () => {
      over();
      resolve();
    });
    if (duplex.destroyed) resolve();
  });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    if (!duplex.destroyed) {
      core.send({ kind: "goaway", lastStream: callee.last(), text: "" });
      core.flush();
      duplex.end();
    }
    over();
    const stop = after(LINGER_MS, () => duplex.destroy());
    await closed;
    stop();
  };
  const closeOnce = (): Promise<void> => (closing ??= close());

  return {
    unary: caller.unary,
    stream: caller.stream,
    clientStream: caller.clientStream,
    bidirectional: caller.bidirectional,
    carries: (path) => carried.has(path),
    violation: () => violated,
    async ping({ signal, timeoutMs } = {}) {
      if (pinging === undefined) {
        if (duplex.destroyed) throw endOf("the lane");
        pinging = Promise.withResolvers();
        pings += 1n;
        pinging.promise.catch(() => undefined);
        core.send({ kind: "ping", value: pings });
      }
      const interruption = createInterruption();
      const abort = (): void => interruption.interrupt(callCancelled("the lane"));
      if (signal?.aborted === true) abort();
      signal?.addEventListener("abort", abort, { once: true });
      const expire = (): void => interruption.interrupt(callExpired("the lane"));
      const stop = timeoutMs === undefined ? undefined : after(timeoutMs, expire);
      try {
        await interruption.unless(pinging.promise);
      } finally {
        stop?.();
        signal?.removeEventListener("abort", abort);
      }
    },
    closed,
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}
