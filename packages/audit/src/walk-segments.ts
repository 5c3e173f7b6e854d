import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { hasLiveWriter, type JournalVerdict, type LogState, verifyJournal } from "@sigilrt/journal";
import { digestOf } from "./accepted-loss.ts";
import { parsePruned, type PrunedRecord } from "./pruned-record.ts";
import { MAX_LINE_BYTES, type Segment } from "./segment.ts";
import { parseStart, RECOVERED_TYPE, type SegmentStart } from "./segment-start.ts";

/** A segment that was read to its end, or to its first fault. */
export interface WalkedSegment {
  readonly segment: Segment;
  /** Whether there is more in it than what a journal says of its own recovery. */
  readonly isBegun: boolean;
  /** What its first record says; absent when it has none, or one that begins no segment. */
  readonly start: SegmentStart | undefined;
  readonly verdict: JournalVerdict;
  /** Records before the first fault. */
  readonly records: number;
  /** Removals that it announces. */
  readonly pruned: readonly PrunedRecord[];
}

/** Reads segments one after the other, the newest up to a byte when one is given. Whether one follows from the other is for the judge. */
export async function walkSegments(
  segments: readonly Segment[],
  states: readonly LogState[],
  mode: "strict" | "fast",
  newestEnd?: number,
): Promise<readonly WalkedSegment[]> {
  const walked: WalkedSegment[] = [];
  for (const segment of segments) {
    const end = segment === segments.at(-1) ? newestEnd : undefined;
    // oxlint-disable-next-line no-await-in-loop -- one segment after the other
    walked.push(await walkSegment(segment, states, mode, end));
  }
  return walked;
}

/** Reads one segment, up to a byte when one is given. */
export async function walkSegment(
  segment: Segment,
  states: readonly LogState[],
  mode: "strict" | "fast",
  end?: number,
): Promise<WalkedSegment> {
  let start: SegmentStart | undefined;
  let first: number | undefined;
  let records = 0;
  const pruned: PrunedRecord[] = [];
  const bytes = end === 0 ? nothing() : createReadStream(segment.path, endAt(end));
  const verdict = await verifyJournal(bytes, {
    log: segment.log,
    checkpoints: states.filter(({ log }) => log === segment.log),
    mode,
    onRecord: (record) => {
      if (first === undefined && record.type !== RECOVERED_TYPE) {
        first = record.seq;
        start = parseStart(record);
      }
      records += 1;
      const removal = parsePruned(record);
      if (removal) pruned.push(removal);
    },
  });
  return { segment, isBegun: first !== undefined, start, verdict, records, pruned };
}

/** The digests of files that a person gave up, as they lie there now. */
export async function digestsOf(
  walked: readonly WalkedSegment[],
): Promise<ReadonlyMap<string, string>> {
  const lost = new Set(
    walked.flatMap(({ start }) => start?.reseal?.losses ?? []).map(({ segment }) => segment),
  );
  const digests = new Map<string, string>();
  for (const { segment } of walked) {
    // oxlint-disable-next-line no-await-in-loop -- one file after the other
    if (lost.has(segment.log)) digests.set(segment.log, await digestOf(segment.path));
  }
  return digests;
}

/** While a process writes, its last line may lie there in part: then a segment ends with the line before. `undefined` without a writer. */
export async function writtenEnd({ path }: Segment): Promise<number | undefined> {
  if (!(await hasLiveWriter(path))) return undefined;
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.min(size, MAX_LINE_BYTES));
    await handle.read(tail, 0, tail.length, size - tail.length);
    const feed = tail.lastIndexOf(0x0a);
    return feed < 0 && tail.length === MAX_LINE_BYTES ? undefined : size - tail.length + feed + 1;
  } finally {
    await handle.close();
  }
}

const endAt = (end: number | undefined): { readonly end?: number } =>
  end === undefined ? {} : { end: end - 1 };

async function* nothing(): AsyncGenerator<Uint8Array> {
  // A segment without a whole line.
}
