import { open, rm } from "node:fs/promises";
import { type CheckpointSink, type VerifiedJournal, verifyCheckpoint } from "@sigilrt/journal";
import { isAcceptedLoss } from "./accepted-loss.ts";
import { AuditError } from "./audit-error.ts";
import { newestNote } from "./notes-file.ts";
import { readRecordLine } from "./record-line.ts";
import { MAX_LINE_BYTES, type Segment, segmentAt } from "./segment.ts";
import { linkTo, type SegmentLink } from "./segment-start.ts";
import { walkSegment } from "./walk-segments.ts";

/** What a removal goes by. */
export interface RemovalTerms {
  /** A segment goes when its last record is older. */
  readonly beforeMs: number;
  readonly sinks: readonly CheckpointSink[];
  /** The key of today; that of a segment is known from its first record. */
  readonly vkey: string;
}

/** Which segments go, and where verification begins behind them. */
export interface Removal {
  readonly segments: readonly Segment[];
  /** The first segment that stays. */
  readonly first: string;
  readonly link: SegmentLink;
  /** The note of a sink that vouches for the last one that goes. */
  readonly checkpoint: string;
}

/**
 * Finds the oldest closed segments that may go: whole, old enough, and the last of them vouched for by a sink.
 *
 * @throws {@link AuditError} `REFUSED` when some are old enough and no sink vouches for one of them, `NOT_VERIFIED`
 */
export async function findRemoval(
  closed: readonly Segment[],
  terms: RemovalTerms,
): Promise<Removal | undefined> {
  const old = await oldest(closed, terms.beforeMs);
  if (old.length === 0) return undefined;
  const ends = await verifyEach(old);
  for (let at = old.length - 1; at >= 0; at -= 1) {
    const [segment, end] = [old[at], ends[at]];
    if (!segment || !end?.verdict.sealed) continue;
    // oxlint-disable-next-line no-await-in-loop -- the newest that is vouched for
    const checkpoint = await anchorOf(segment, end, terms);
    if (checkpoint === undefined) continue;
    return {
      segments: old.slice(0, at + 1),
      first: segmentAt("", segment.number + 1).log,
      link: linkTo(end.verdict),
      checkpoint,
    };
  }
  throw new AuditError(
    "REFUSED",
    `Cannot remove ${old.length} segments: no sink has a checkpoint that covers them; add a sink that works, or copy them away first`,
  );
}

/** Removes files, oldest segment first, so that what a crash leaves is the newer part of what was announced. */
export async function removeSegments(
  directory: string,
  segments: readonly Segment[],
): Promise<void> {
  for (const { path } of segments) {
    for (const suffix of ["", ".checkpoints", ".torn", ".lock"]) {
      // oxlint-disable-next-line no-await-in-loop -- in this order
      await rm(`${path}${suffix}`, { force: true });
    }
  }
  const folder = await open(directory, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The segments from the first on whose last record is older. */
async function oldest(closed: readonly Segment[], beforeMs: number): Promise<readonly Segment[]> {
  const old: Segment[] = [];
  for (const segment of closed) {
    // oxlint-disable-next-line no-await-in-loop -- ends at the first that stays
    const at = await lastTime(segment);
    // A last line that cannot be read belongs to damage, which has an age only together with what was written after it.
    if (at !== undefined && at >= beforeMs) break;
    old.push(segment);
  }
  return old;
}

interface End {
  readonly verdict: VerifiedJournal;
  readonly key: string | undefined;
}

/** Verifies what would go; `undefined` for a segment that a person gave up as it is. */
async function verifyEach(segments: readonly Segment[]): Promise<readonly (End | undefined)[]> {
  const ends: (End | undefined)[] = [];
  for (const segment of segments) {
    // oxlint-disable-next-line no-await-in-loop -- one segment after the other
    const { verdict, start } = await walkSegment(segment, [], "fast");
    if (verdict.ok) ends.push({ verdict, key: start?.key });
    // oxlint-disable-next-line no-await-in-loop -- see above
    else if (await isAcceptedLoss(segment)) ends.push(undefined);
    else {
      // Damage that nobody looked at is evidence.
      throw new AuditError(
        "NOT_VERIFIED",
        `Cannot remove "${segment.path}": ${verdict.kind}; run verify`,
        { fault: verdict },
      );
    }
  }
  return ends;
}

/** The note with which a sink vouches for the end of a segment. A sink that missed the last one gets it now, as it was signed then. */
async function anchorOf(
  { log, path }: Segment,
  { verdict, key }: End,
  { sinks, vkey }: RemovalTerms,
): Promise<string | undefined> {
  const keys = key === undefined ? [vkey] : [vkey, key];
  const isEnd = (note: string | undefined): note is string => {
    if (note === undefined) return false;
    const checked = verifyCheckpoint(note, { log, keys });
    return (
      checked.ok && checked.state.size === verdict.records && checked.state.root === verdict.root
    );
  };
  const latest = async (sink: CheckpointSink): Promise<string | undefined> =>
    sink.latest(log).catch(() => undefined);
  const known = (await Promise.all(sinks.map((sink) => latest(sink)))).find((note) => isEnd(note));
  if (known !== undefined) return known;
  const beside = await newestNote(`${path}.checkpoints`, log);
  if (!isEnd(beside)) return undefined;
  await Promise.allSettled(sinks.map((sink) => sink.store(beside)));
  return (await Promise.all(sinks.map((sink) => latest(sink)))).find((note) => isEnd(note));
}

/** The time of the last record of a segment; `undefined` when its last line is none. */
async function lastTime({ path, log }: Segment): Promise<number | undefined> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.min(size, MAX_LINE_BYTES));
    await handle.read(tail, 0, tail.length, size - tail.length);
    const end = tail.lastIndexOf(0x0a);
    const line = readRecordLine(tail.subarray(tail.lastIndexOf(0x0a, end - 1) + 1, end), log);
    return "record" in line ? Date.parse(line.record.at) : undefined;
  } finally {
    await handle.close();
  }
}
