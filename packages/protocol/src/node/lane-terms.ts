import { LIMITS } from "../limits.ts";

/** What one side of a lane takes; `Lane.Open` exchanges them. */
export interface LaneTerms {
  /** The largest frame, its length included, in bytes. */
  readonly maxFrameBytes: number;
  /** What one call may send before its messages are read, in bytes. */
  readonly streamCreditBytes: number;
  /** What all calls together may send before their messages are read, in bytes. */
  readonly laneCreditBytes: number;
}

/** The version of the lane that this package speaks. */
export const LANE_VERSION = 1;

/** What this package takes. */
export const LANE_TERMS: LaneTerms = Object.freeze({
  maxFrameBytes: 131_072,
  streamCreditBytes: LIMITS.streamWindowBytes,
  laneCreditBytes: LIMITS.connectionWindowBytes,
});

/** Calls that run at once, by who makes them. Both sides know these numbers: who has more waits, and one more is a violation. */
export const LANE_CALLS = Object.freeze({ host: LIMITS.streamsPerConnection, plugin: 128 });

const LEAST_BYTES = 32_768;
const MOST_BYTES = 2_147_483_647;

/** Answers whether a lane can run on the terms of the other side; with less, a call might never fit. */
export function isUsableTerms(terms: LaneTerms): boolean {
  const { maxFrameBytes, streamCreditBytes, laneCreditBytes } = terms;
  return (
    [maxFrameBytes, streamCreditBytes, laneCreditBytes].every(
      (bytes) => Number.isInteger(bytes) && bytes >= LEAST_BYTES && bytes <= MOST_BYTES,
    ) && laneCreditBytes >= streamCreditBytes
  );
}
