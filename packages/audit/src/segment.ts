import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** One file of the log. */
export interface Segment {
  /** Its number, from 1. */
  readonly number: number;
  /** Its id, and the id of the log in every record of it. */
  readonly log: string;
  /** Its file. */
  readonly path: string;
}

/** A line with its line feed has at most this many bytes. */
export const MAX_LINE_BYTES = 1_048_576;

const form = /^audit-(\d{6})\.jsonl$/u;

/** The segment of a number. */
export function segmentAt(directory: string, number: number): Segment {
  const log = `audit-${String(number).padStart(6, "0")}`;
  return { number, log, path: join(directory, `${log}.jsonl`) };
}

/** The segments of a folder, in order; other files are not theirs. */
export async function listSegments(directory: string): Promise<readonly Segment[]> {
  const names = await readdir(directory);
  return names
    .flatMap((name) => {
      const number = form.exec(name)?.[1];
      return number === undefined ? [] : [segmentAt(directory, Number(number))];
    })
    .toSorted((left, right) => left.number - right.number);
}

/** The number of a segment, by the id of its log; `NaN` for another id. */
export function numberOf(log: string): number {
  return Number(/^audit-(\d{6})$/u.exec(log)?.[1]);
}
