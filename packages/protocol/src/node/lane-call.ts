import type { LaneFrame } from "../lane-frames.ts";
import { ProtocolError } from "../protocol-error.ts";
import { STATUS } from "../status.ts";
import { callCancelled, callEnded, callExpired } from "./call-failure.ts";
import type { GrpcCallOptions } from "./grpc-channel.ts";
import { violation } from "./lane-credit.ts";
import type { LaneCore } from "./lane-core.ts";
import type { Ending } from "./lane-deadlines.ts";
import type { Inbox } from "./lane-inbox.ts";
import type { Outbox } from "./lane-outbox.ts";

/** Who reads the answers of a call. */
export interface AnswerReader {
  message(bytes: Uint8Array, charge: number, call: LaneCall): void;
  /** Nothing follows what has come; `error` is absent when the call ended well. */
  end(error: unknown): void;
  /** Ended here: what has come is of no use either. */
  fail(error: unknown): void;
}

interface CallFacts {
  readonly path: string;
  readonly number: number;
  readonly options: GrpcCallOptions;
  readonly reader: AnswerReader;
}

interface CallKeeper {
  /** Sends the beginning. */
  readonly start: () => void;
  /** Gives it its number. */
  readonly register: () => number;
  /** Hears that nobody wants it any more; stream zero when it was never opened. */
  readonly left: (stream: number) => void;
  /** Frees its place, though the other side has not ended it. */
  readonly forget: (stream: number) => void;
}

/** How long the other side may take to end a cancelled call before its place is free again, in milliseconds. */
const CANCEL_GRACE_MS = 2000;

/** One call, on the side that makes it. */
export class LaneCall implements Ending {
  readonly path: string;
  readonly start: () => void;
  /** When its time is over; after a cancel, when it is forgotten. */
  endsAt = Number.POSITIVE_INFINITY;
  readonly #core: LaneCore;
  readonly #facts: CallFacts;
  readonly #keeper: CallKeeper;
  readonly #outbox: Outbox;
  #inbox: Inbox | undefined;
  #stream = 0;
  #isOver = false;
  #stopped: (() => void) | undefined;

  constructor(core: LaneCore, facts: CallFacts, keeper: CallKeeper) {
    this.path = facts.path;
    this.start = keeper.start;
    this.#core = core;
    this.#facts = facts;
    this.#keeper = keeper;
    this.#outbox = core.outbox(0);
    const { signal, timeoutMs } = facts.options;
    signal?.addEventListener("abort", this.#abort);
    if (timeoutMs !== undefined) {
      this.endsAt = performance.now() + timeoutMs;
      core.deadlines.add(this);
    }
  }

  readonly #abort = (): void => this.fail(callCancelled(this.path), STATUS.CANCELLED);

  /** Opens it with its one message, or with none where messages follow. */
  open(message?: Uint8Array): Promise<void> | undefined {
    const { number: method, options } = this.#facts;
    const left = Math.ceil(this.endsAt - performance.now());
    return this.#outbox.send(message, message !== undefined, {
      begin: () => {
        this.#stream = this.#keeper.register();
        this.#inbox = this.#core.inbox(this.#stream);
        return this.#stream;
      },
      method,
      timeoutMs: Number.isFinite(left) ? Math.min(Math.max(1, left), LONGEST_MS) : 0,
      metadata: options.metadata ?? NO_METADATA,
    });
  }

  /** Sends a further message, or the end of its half. */
  send(message: Uint8Array | undefined): Promise<void> | undefined {
    return this.#isOver ? undefined : this.#outbox.send(message, message === undefined);
  }

  /** Hears, once, when nobody wants its messages any more. */
  onceOver(stopped: () => void): void {
    if (this.#isOver) stopped();
    else this.#stopped = stopped;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Gives credit back for an answer that was read. */
  read(charge: number): void {
    this.#inbox?.read(charge);
  }

  /** Takes a frame of the other side and answers whether that was its end. Throws a ProtocolError `LANE_VIOLATED`. */
  take(frame: Extract<LaneFrame, { readonly stream: number }>): boolean {
    switch (frame.kind) {
      case "data":
        this.#core.spend(frame.message);
        this.#receive(frame);
        return false;
      case "credit":
        this.#outbox.grant(frame.bytes);
        return false;
      case "end":
        this.#core.deadlines.remove(this);
        if (this.#isOver) return true;
        this.#close();
        this.#facts.reader.end(this.#failureOf(frame.status, frame.text));
        return true;
      case "open":
      case "cancel":
        throw violation(`${frame.kind} for a call of this side`);
      default:
        return frame satisfies never;
    }
  }

  /** Ends it here and tells the other side; nothing when it is over. */
  fail(error: unknown, status: number): void {
    if (this.#isOver) return;
    this.lose(error);
    this.#keeper.left(this.#stream);
    if (this.#stream === 0) return;
    this.#core.send({ kind: "cancel", stream: this.#stream, status, text: "" });
    this.endsAt = performance.now() + CANCEL_GRACE_MS;
    this.#core.deadlines.add(this);
  }

  /** Ends it here; there is nobody to tell. */
  lose(error: unknown): void {
    this.#core.deadlines.remove(this);
    if (this.#isOver) return;
    this.#close();
    this.#inbox?.stop();
    this.#facts.reader.fail(error);
  }

  /** Nobody reads its answers any more. */
  leave(): void {
    if (!this.#isOver) this.fail(callCancelled(this.path), STATUS.CANCELLED);
    this.#inbox?.stop();
  }

  expire(): void {
    if (this.#isOver) this.#keeper.forget(this.#stream);
    else this.fail(callExpired(this.path), STATUS.DEADLINE_EXCEEDED);
  }

  #receive(frame: Extract<LaneFrame, { readonly kind: "data" }>): void {
    if (frame.isLast) throw violation("the end of an answer that is no END");
    try {
      const whole = this.#inbox?.take(frame);
      if (whole !== undefined) this.#facts.reader.message(whole.message, whole.charge, this);
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code === "LANE_VIOLATED") throw error;
      this.fail(error, STATUS.RESOURCE_EXHAUSTED);
    }
  }

  #failureOf(status: number, text: string): ProtocolError | undefined {
    if (status !== STATUS.OK) return callEnded(this.path, status, text);
    if (this.#inbox?.isPartial !== true) return undefined;
    return new ProtocolError("FRAME_MALFORMED", "Cannot read a message: it was cut short", {
      status: STATUS.INTERNAL,
    });
  }

  #close(): void {
    this.#isOver = true;
    this.#outbox.stop();
    this.#facts.options.signal?.removeEventListener("abort", this.#abort);
    this.#stopped?.();
  }
}

const LONGEST_MS = 0xffff_ffff;
const NO_METADATA = Object.freeze({});
