import { type Journal, openJournal, type VerifiedJournal } from "@sigilrt/journal";
import { AuditError } from "./audit-error.ts";
import { type Segment, segmentAt } from "./segment.ts";
import { readStart, startBody } from "./segment-start.ts";
import type { AuditStoreOptions } from "./store-options.ts";
import { walkSegment } from "./walk-segments.ts";

/** A segment that is written. */
export interface OpenSegment {
  readonly segment: Segment;
  readonly journal: Journal;
}

/** What segments are opened with. */
export interface SegmentOptions extends Pick<
  AuditStoreOptions,
  "signer" | "sinks" | "durability" | "clock"
> {
  /** Tells the key of redaction from others. */
  readonly tokens: string | undefined;
}

/** Opens the newest segment for writing, or the next one when the newest was ended or has other keys. */
export async function openNewest(
  directory: string,
  segments: readonly Segment[],
  options: SegmentOptions,
): Promise<OpenSegment> {
  const known = segments.at(-1);
  const segment = known ?? segmentAt(directory, 1);
  const said = known && (await readStart(known));
  const journal = await openSegment(segment, options, said?.key);
  try {
    const { isBegun, start, verdict } = await walkSegment(segment, [], "fast");
    if (!verdict.ok) throw notVerified(segment, verdict);
    if (!isBegun) {
      const before = segments.at(-2);
      await begin(journal, before && (await endOf(before)), options);
      return { segment, journal };
    }
    const { signer, tokens } = options;
    const hasSameKeys = start?.key === signer.vkey && start.tokens === tokens;
    if (!verdict.sealed && hasSameKeys) return { segment, journal };
    await journal.seal();
  } catch (error) {
    await journal.close();
    throw error;
  }
  await journal.close();
  return openNext(directory, segment, options);
}

/** Begins the segment after one that was ended. */
export async function openNext(
  directory: string,
  before: Segment,
  options: SegmentOptions,
): Promise<OpenSegment> {
  const segment = segmentAt(directory, before.number + 1);
  const journal = await openSegment(segment, options);
  try {
    await begin(journal, await endOf(before), options);
    return { segment, journal };
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/** Opens a segment for writing, as a journal. */
export function openSegment(
  { path, log }: Segment,
  { signer, sinks, durability, clock }: SegmentOptions,
  formerKey?: string,
): Promise<Journal> {
  return openJournal(path, {
    log,
    signer,
    sinks,
    ...(formerKey === undefined ? {} : { formerKeys: [formerKey] }),
    ...(durability === undefined ? {} : { durability }),
    ...(clock === undefined ? {} : { clock }),
  });
}

async function begin(
  journal: Journal,
  before: VerifiedJournal | undefined,
  { signer, tokens }: SegmentOptions,
): Promise<void> {
  const body = startBody({ before, key: signer.vkey, tokens });
  await journal.append([{ type: "audit.opened", body }]);
  await journal.checkpoint();
}

async function endOf(segment: Segment): Promise<VerifiedJournal> {
  const { verdict } = await walkSegment(segment, [], "fast");
  if (verdict.ok) return verdict;
  throw notVerified(segment, verdict);
}

const notVerified = ({ path }: Segment, fault: NonNullable<AuditError["fault"]>): AuditError =>
  new AuditError("NOT_VERIFIED", `Cannot go on from "${path}": ${fault.kind}`, { fault });
