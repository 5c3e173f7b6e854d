import { encodeMetadata, type LaneFrame } from "../lane-frames.ts";
import { ProtocolError } from "../protocol-error.ts";
import { STATUS } from "../status.ts";
import {
  callCancelled,
  callEnded,
  callExpired,
  decodedAnswer,
  misframed,
  refuseKind,
} from "./call-failure.ts";
import type { GrpcCallOptions, GrpcChannel } from "./grpc-channel.ts";
import { startMessages } from "./lane-messages.ts";
import { type AnswerReader, LaneCall } from "./lane-call.ts";
import { violation } from "./lane-credit.ts";
import type { LaneCore } from "./lane-core.ts";
import { MessageQueue } from "./message-queue.ts";
import type { Method } from "./method.ts";

/** The calling half of a lane. */
export interface LaneCaller extends Pick<
  GrpcChannel,
  "unary" | "stream" | "clientStream" | "bidirectional"
> {
  /** Takes what belongs to a call of this side. Throws a {@link ProtocolError} `LANE_VIOLATED`. */
  take(frame: Extract<LaneFrame, { readonly stream: number }>): void;
  /** Makes no call any more; those after `lastStream` have not run and fail. */
  leave(lastStream: number): void;
  /** Fails all calls. */
  fail(error: (path: string) => ProtocolError): void;
}

const notRun = (path: string): ProtocolError =>
  callEnded(path, STATUS.UNAVAILABLE, "the other side leaves");

/** Cancelled calls that the other side has not ended yet; one that leaves more is no use. */
const MOST_FORGOTTEN = 1024;

/** Makes it. `methods` are the paths that the other side serves, by their numbers; `most` calls run at once, more wait. */
export function createLaneCaller(
  core: LaneCore,
  methods: readonly string[],
  first: number,
  most: number,
): LaneCaller {
  const numbers = new Map(methods.map((path, number) => [path, number]));
  const calls = new Map<number, LaneCall>();
  const waiting = new Set<LaneCall>();
  const forgotten = new Set<number>();
  let running = 0;
  let next = first;
  let ended: ((path: string) => ProtocolError) | undefined;

  const free = (): void => {
    running -= 1;
    for (const call of waiting) {
      waiting.delete(call);
      running += 1;
      call.start();
      return;
    }
  };
  const forget = (stream: number): void => {
    if (!calls.delete(stream)) return;
    forgotten.add(stream);
    free();
    if (forgotten.size > MOST_FORGOTTEN)
      core.violate(violation("no end of calls that were cancelled"));
  };
  const begin = <I, O>(
    method: Method<I, O>,
    options: GrpcCallOptions,
    reader: AnswerReader,
    start: (call: LaneCall) => void,
  ): LaneCall => {
    const number = numbers.get(method.path);
    if (number === undefined) {
      throw callEnded(method.path, STATUS.UNIMPLEMENTED, "the lane does not carry it");
    }
    if (options.signal?.aborted === true) throw callCancelled(method.path);
    if (options.timeoutMs !== undefined && options.timeoutMs <= 0) throw callExpired(method.path);
    if (ended !== undefined) throw ended(method.path);
    // Before the call has a number: what cannot be sent must leave no gap.
    if (options.metadata !== undefined) encodeMetadata(options.metadata);
    const call: LaneCall = new LaneCall(
      core,
      { path: method.path, number, options, reader },
      {
        start: () => start(call),
        register: () => {
          const stream = next;
          next += 2;
          calls.set(stream, call);
          return stream;
        },
        left: (stream) => {
          if (stream === 0) {
            if (!waiting.delete(call)) free();
          }
        },
        forget,
      },
    );
    if (running < most) {
      running += 1;
      call.start();
    } else {
      waiting.add(call);
    }
    return call;
  };
  const unaryAnswer = <I, O>(
    method: Method<I, O>,
    options: GrpcCallOptions,
    start: (call: LaneCall) => void,
  ): Promise<O> =>
    new Promise((resolve, reject) => {
      let answer: Uint8Array | undefined;
      const reader: AnswerReader = {
        message(bytes, charge, call) {
          call.read(charge);
          // At once: a flood of answers to one question would otherwise cost the other side no credit.
          if (answer !== undefined) call.fail(misframed("more than one message"), STATUS.INTERNAL);
          answer = bytes;
        },
        end(error) {
          if (error !== undefined) return reject(error);
          if (answer === undefined) return reject(misframed("no message"));
          try {
            resolve(decodedAnswer(method, answer));
          } catch (failure) {
            reject(failure);
          }
        },
        fail: reject,
      };
      begin(method, options, reader, start);
    });
  async function* answers<I, O>(
    method: Method<I, O>,
    options: GrpcCallOptions,
    prepare: () => (call: LaneCall) => void,
  ): AsyncGenerator<O, void, undefined> {
    const start = prepare();
    const queue = new MessageQueue((charge) => call.read(charge));
    const reader: AnswerReader = {
      message: (bytes, charge) => queue.push(bytes, charge),
      end: (error) => queue.end(error),
      fail: (error) => queue.fail(() => error),
    };
    const call = begin(method, options, reader, start);
    try {
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- messages are pulled one by one
        const pulled = await queue.next();
        if (pulled.done === true) return;
        yield decodedAnswer(method, pulled.value);
      }
    } finally {
      call.leave();
    }
  }

  return {
    unary: async (method, message, options = {}) => {
      refuseKind(method.kind, "unary");
      const bytes = method.encode(message);
      return await unaryAnswer(method, options, (call) => void call.open(bytes));
    },
    stream: (method, message, options = {}) => {
      refuseKind(method.kind, "server-stream");
      return answers(method, options, () => {
        const bytes = method.encode(message);
        return (call) => void call.open(bytes);
      });
    },
    clientStream: async (method, messages, options = {}) => {
      refuseKind(method.kind, "client-stream");
      return await unaryAnswer(method, options, (call) => startMessages(call, messages, method));
    },
    bidirectional: (method, messages, options = {}) => {
      refuseKind(method.kind, "bidirectional");
      return answers(method, options, () => (call) => startMessages(call, messages, method));
    },
    take(frame) {
      const { stream } = frame;
      const call = calls.get(stream);
      if (call === undefined) {
        if (!forgotten.has(stream)) throw violation("a frame of a call that does not run");
        if (frame.kind === "end") forgotten.delete(stream);
        if (frame.kind === "data") core.dropped(frame.message);
        return;
      }
      if (call.take(frame)) {
        calls.delete(stream);
        free();
      }
    },
    leave(lastStream) {
      ended ??= notRun;
      for (const call of waiting) call.fail(notRun(call.path), STATUS.CANCELLED);
      for (const [stream, call] of calls) {
        if (stream > lastStream) call.fail(notRun(call.path), STATUS.CANCELLED);
      }
    },
    fail(error) {
      ended = error;
      for (const call of waiting) call.lose(error(call.path));
      for (const call of calls.values()) call.lose(error(call.path));
      waiting.clear();
      calls.clear();
      forgotten.clear();
    },
  };
}
