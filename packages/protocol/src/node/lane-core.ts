import type { Duplex } from "node:stream";
import { chargeOf, type LaneFrame } from "../lane-frames.ts";
import type { ProtocolError } from "../protocol-error.ts";
import { Allowance, grown } from "./lane-credit.ts";
import { createDeadlines, type Deadlines } from "./lane-deadlines.ts";
import { Inbox } from "./lane-inbox.ts";
import { Outbox, type SharedCredit } from "./lane-outbox.ts";
import type { LaneTerms } from "./lane-terms.ts";
import { createLaneWriter } from "./lane-writer.ts";

/** What the calls of both directions share. */
export interface LaneCore {
  readonly deadlines: Deadlines;
  send(frame: LaneFrame): void;
  /** Sends what waits, now. */
  flush(): void;
  /** Calls `act` once all that was sent so far is out. */
  onceOut(act: () => void): void;
  /** Bytes that the other side has not taken. */
  backlog(): number;
  /** Makes the sending half of a call; zero for one that is still to be opened. */
  outbox(stream: number): Outbox;
  /** Makes the receiving half of a call. */
  inbox(stream: number): Inbox;
  /** Counts a message that has come, or a part. Throws a {@link ProtocolError} `LANE_VIOLATED`. */
  spend(message: Uint8Array | undefined): void;
  /** Counts one that nobody will read, and gives its credit back. */
  dropped(message: Uint8Array | undefined): void;
  /** Takes credit for the whole lane. Throws a {@link ProtocolError} `LANE_VIOLATED`. */
  grant(bytes: number): void;
  /** Ends the lane, because the other side broke its rules. */
  violate(error: ProtocolError): void;
}

/** A part of a message; more of it lets others go in between. */
const PART_BYTES = 65_536;
/** What stands around a part in the largest frame: header, deadline, and 16 KiB of metadata. */
const AROUND_BYTES = 16_384 + 64;
/** No further part is sent while this much waits for the other side to read. */
const FULL_BYTES = 1_048_576;

/** Makes it over `duplex`. */
export function createLaneCore(
  duplex: Duplex,
  own: LaneTerms,
  peer: LaneTerms,
  maxMessageBytes: number,
  violate: (error: ProtocolError) => void,
): LaneCore {
  const writer = createLaneWriter(duplex, () => {
    for (const outbox of credit.waiting) outbox.wake();
  });
  const credit: SharedCredit = {
    left: peer.laneCreditBytes,
    waiting: new Set(),
    partBytes: Math.min(PART_BYTES, peer.maxFrameBytes - AROUND_BYTES),
    send: (frame) => writer.send(frame),
    isFull: () => writer.backlog() > FULL_BYTES,
  };
  const lane = new Allowance(0, own.laneCreditBytes, (frame) => writer.send(frame));
  const shared = { lane, maxMessageBytes, assembling: 0 };
  return {
    deadlines: createDeadlines(),
    send: (frame) => writer.send(frame),
    flush: () => writer.flush(),
    onceOut: (act) => writer.onceOut(act),
    backlog: () => writer.backlog(),
    outbox: (stream) => new Outbox(stream, peer.streamCreditBytes, credit),
    inbox: (stream) =>
      new Inbox(
        new Allowance(stream, own.streamCreditBytes, (frame) => writer.send(frame)),
        shared,
      ),
    spend: (message) => lane.spend(chargeOf(message?.byteLength ?? 0)),
    dropped(message) {
      const charge = chargeOf(message?.byteLength ?? 0);
      lane.spend(charge);
      lane.giveBack(charge);
    },
    grant(bytes) {
      credit.left = grown(credit.left, bytes);
      for (const outbox of credit.waiting) outbox.wake();
    },
    violate,
  };
}
