import { setImmediate as nextTurn } from "node:timers/promises";
import { chargeOf, FRAME_COST, type LaneFrame, type LaneMetadata } from "../lane-frames.ts";
import { grown } from "./lane-credit.ts";

/** What a call begins with. */
export interface Opening {
  /** Answers the number of the stream, at the moment its first frame is sent: numbers rise in the order of the frames. */
  readonly begin: () => number;
  readonly method: number;
  readonly timeoutMs: number;
  readonly metadata: LaneMetadata;
}

/** What all sending calls of a lane share. */
export interface SharedCredit {
  /** What all of them together may still send, in bytes. */
  left: number;
  /** Those that wait for credit, or for the stream to take more; oldest first. */
  readonly waiting: Set<Outbox>;
  readonly partBytes: number;
  readonly send: (frame: LaneFrame) => void;
  /** Whether the stream takes no more for now. */
  readonly isFull: () => boolean;
}

/** Smaller parts than this are not worth a frame, unless they end a message. */
const SMALLEST_PART = 4096;

/** The sending half of one call. */
export class Outbox {
  readonly #shared: SharedCredit;
  #stream: number;
  #credit: number;
  #isOver = false;
  #wake: (() => void) | undefined;

  /** `stream` is zero for a call that is still to be opened. */
  constructor(stream: number, credit: number, shared: SharedCredit) {
    this.#stream = stream;
    this.#credit = credit;
    this.#shared = shared;
  }

  /**
   * Sends one message, or none but the beginning or the end of the half. Answers a promise where it has to wait for the other side; what
   * follows waits for that.
   */
  send(
    message: Uint8Array | undefined,
    isLast: boolean,
    opening?: Opening,
  ): Promise<void> | undefined {
    const size = message?.byteLength ?? 0;
    const isFree = this.#shared.waiting.size === 0 && !this.#shared.isFull();
    if (!isFree || size > this.#room()) return this.#sendParts(message, isLast, opening);
    this.#emit(message, false, isLast, opening);
    return undefined;
  }

  /** Takes credit. Throws a ProtocolError `LANE_VIOLATED` for more than there can be. */
  grant(bytes: number): void {
    this.#credit = grown(this.#credit, bytes);
    this.wake();
  }

  /** Looks again whether it may send. */
  wake(): void {
    this.#shared.waiting.delete(this);
    this.#wake?.();
  }

  /** Sends nothing more. */
  stop(): void {
    this.#isOver = true;
    this.wake();
  }

  /** The largest part that may be sent now; negative when not even an empty one may. */
  #room(): number {
    const { left, partBytes } = this.#shared;
    return Math.min(partBytes, Math.min(this.#credit, left) - FRAME_COST);
  }

  async #sendParts(
    message: Uint8Array | undefined,
    isLast: boolean,
    opening: Opening | undefined,
  ): Promise<void> {
    const size = message?.byteLength ?? 0;
    let at = 0;
    let beginning = opening;
    for (;;) {
      const least = Math.min(size - at, SMALLEST_PART);
      while (!this.#isOver && (this.#shared.isFull() || this.#room() < least)) {
        // oxlint-disable-next-line no-await-in-loop -- the other side's pace holds the sender
        await this.#more();
      }
      if (this.#isOver) return;
      const part = message?.subarray(at, at + this.#room());
      at += part?.byteLength ?? 0;
      const hasMore = at < size;
      this.#emit(part, hasMore, isLast && !hasMore, beginning);
      beginning = undefined;
      if (!hasMore) return;
      // oxlint-disable-next-line no-await-in-loop -- other calls go in between
      await nextTurn();
    }
  }

  #emit(
    message: Uint8Array | undefined,
    hasMore: boolean,
    isLast: boolean,
    opening: Opening | undefined,
  ): void {
    const charge = chargeOf(message?.byteLength ?? 0);
    this.#credit -= charge;
    this.#shared.left -= charge;
    const carried = { hasMore, isLast, ...(message === undefined ? {} : { message }) };
    if (opening === undefined) {
      this.#shared.send({ kind: "data", stream: this.#stream, ...carried });
      return;
    }
    const { begin, method, timeoutMs, metadata } = opening;
    this.#stream = begin();
    const head = { method, timeoutMs, metadata };
    this.#shared.send({ kind: "open", stream: this.#stream, ...head, ...carried });
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#shared.waiting.add(this);
    });
  }
}
