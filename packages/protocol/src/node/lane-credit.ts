import type { LaneFrame } from "../lane-frames.ts";
import { ProtocolError } from "../protocol-error.ts";
import { STATUS } from "../status.ts";

/** Says that the other side broke a rule of the lane. */
export const violation = (found: string): ProtocolError =>
  new ProtocolError("LANE_VIOLATED", `Cannot go on with the lane: the other side sent ${found}`, {
    status: STATUS.INTERNAL,
  });

/** What the other side may still send, on one stream or on the whole lane. */
export class Allowance {
  readonly #stream: number;
  readonly #whole: number;
  readonly #send: (frame: LaneFrame) => void;
  #left: number;
  #due = 0;

  /** `stream` zero is the whole lane. */
  constructor(stream: number, bytes: number, send: (frame: LaneFrame) => void) {
    this.#stream = stream;
    this.#whole = bytes;
    this.#left = bytes;
    this.#send = send;
  }

  /** Counts what has come. Throws a {@link ProtocolError} `LANE_VIOLATED` when it was more than may be sent. */
  spend(charge: number): void {
    this.#left -= charge;
    if (this.#left < 0) throw violation("more than its credit");
  }

  /** Gives back what has been read, once it is worth a frame. */
  giveBack(charge: number): void {
    this.#due += charge;
    if (this.#due * 2 < this.#whole) return;
    const bytes = this.#due;
    this.#due = 0;
    this.#left += bytes;
    this.#send({ kind: "credit", stream: this.#stream, bytes });
  }
}

/** The most credit that makes sense; more is an attempt to overflow. */
const MOST_CREDIT = 0xffff_ffff;

/** Adds what the other side grants. Throws a {@link ProtocolError} `LANE_VIOLATED`. */
export function grown(credit: number, bytes: number): number {
  if (credit + bytes > MOST_CREDIT) throw violation("more credit than there can be");
  return credit + bytes;
}
