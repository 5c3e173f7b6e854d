import { chargeOf } from "../lane-frames.ts";
import { ProtocolError } from "../protocol-error.ts";
import { STATUS } from "../status.ts";
import { type Allowance, violation } from "./lane-credit.ts";

/** A frame that carries a message, or a part of one. */
export interface Part {
  readonly message?: Uint8Array;
  readonly hasMore: boolean;
  readonly isLast: boolean;
}

/** What all receiving calls of a lane share. */
export interface SharedAllowance {
  readonly lane: Allowance;
  readonly maxMessageBytes: number;
  /** Bytes of messages that have not come whole. */
  assembling: number;
}

/** Messages that are not whole yet may take this many times the largest message, all calls together. */
const ASSEMBLING_TIMES = 4;

/** The receiving half of one call: puts messages together, in the order they come, and gives credit back as they are read. */
export class Inbox {
  readonly #own: Allowance;
  readonly #shared: SharedAllowance;
  #buffer: Uint8Array | undefined;
  #size = 0;
  /** What unread bytes cost that no credit was given back for. */
  #unread = 0;
  #unreadPart = 0;
  #isLast = false;
  #isOver = false;

  constructor(own: Allowance, shared: SharedAllowance) {
    this.#own = own;
    this.#shared = shared;
  }

  /** Whether the other half has ended. */
  get isLast(): boolean {
    return this.#isLast;
  }

  /** Whether a message has begun and not ended. */
  get isPartial(): boolean {
    return this.#size > 0;
  }

  /**
   * Takes a frame and answers the message that is now whole, and what reading it gives back.
   *
   * @throws {@link ProtocolError} `LANE_VIOLATED`; `MESSAGE_TOO_LARGE`, which concerns this call alone
   */
  take(part: Part): { readonly message: Uint8Array; readonly charge: number } | undefined {
    const { message, hasMore, isLast } = part;
    if (this.#isLast) throw violation("more after the end of its half of a call");
    const charge = chargeOf(message?.byteLength ?? 0);
    this.#own.spend(charge);
    this.#isLast = isLast;
    if (this.#isOver || message === undefined) {
      if (message === undefined && this.#size > 0) throw violation("half a message");
      this.#giveBack(charge);
      return undefined;
    }
    const size = this.#size + message.byteLength;
    if (size > this.#shared.maxMessageBytes) {
      this.#giveBack(charge);
      throw tooLarge(`over ${this.#shared.maxMessageBytes} bytes`);
    }
    if (hasMore) {
      // While nothing waits to be read, a message may be longer than the credit.
      if (this.#unread === 0) this.#giveBack(charge);
      else this.#unreadPart += charge;
      this.#append(message, size);
      return undefined;
    }
    const whole = this.#size === 0 ? message : this.#append(message, size).subarray(0, size);
    const owed = this.#unreadPart + charge;
    this.#unread += owed;
    this.#drop();
    return { message: whole, charge: owed };
  }

  /** Gives credit back for a message that was read. */
  read(charge: number): void {
    if (this.#isOver) return;
    this.#unread -= charge;
    this.#giveBack(charge);
    if (this.#unread > 0 || this.#unreadPart === 0) return;
    this.#giveBack(this.#unreadPart);
    this.#unreadPart = 0;
  }

  /** Nobody reads any more: what waits and what still comes costs the other calls nothing. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#shared.lane.giveBack(this.#unread + this.#unreadPart);
    this.#drop();
  }

  #giveBack(charge: number): void {
    this.#shared.lane.giveBack(charge);
    if (!this.#isLast && !this.#isOver) this.#own.giveBack(charge);
  }

  /** Adds a part to the message, in one growing memory: a list of tiny parts would cost many times their size. */
  #append(message: Uint8Array, size: number): Uint8Array {
    const { maxMessageBytes } = this.#shared;
    const assembling = this.#shared.assembling + message.byteLength;
    if (assembling > maxMessageBytes * ASSEMBLING_TIMES) {
      throw tooLarge("too many large messages at once");
    }
    this.#shared.assembling = assembling;
    let buffer = this.#buffer ?? new Uint8Array(Math.min(message.byteLength * 4, maxMessageBytes));
    if (buffer.byteLength < size) {
      const larger = new Uint8Array(
        Math.min(Math.max(size, buffer.byteLength * 2), maxMessageBytes),
      );
      larger.set(buffer.subarray(0, this.#size));
      buffer = larger;
    }
    buffer.set(message, this.#size);
    this.#buffer = buffer;
    this.#size = size;
    return buffer;
  }

  #drop(): void {
    if (this.#size === 0) return;
    this.#shared.assembling -= this.#size;
    this.#buffer = undefined;
    this.#size = 0;
    this.#unreadPart = 0;
  }
}

const tooLarge = (found: string): ProtocolError =>
  new ProtocolError("MESSAGE_TOO_LARGE", `Cannot read a message: ${found}`, {
    status: STATUS.RESOURCE_EXHAUSTED,
  });
