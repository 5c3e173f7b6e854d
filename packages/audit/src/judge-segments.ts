import { type LogState, verifyCheckpoint } from "@sigilrt/journal";
import type { AcceptedLoss, AuditFault, AuditVerdict, PrunedPart } from "./audit-verdict.ts";
import type { PrunedRecord } from "./pruned-record.ts";
import { numberOf, segmentAt } from "./segment.ts";
import { isSameLink, linkTo, type Loss, type SegmentStart } from "./segment-start.ts";
import type { WalkedSegment } from "./walk-segments.ts";

/** What was read, and what it is held against. */
export interface Evidence {
  readonly walked: readonly WalkedSegment[];
  /** What lies now in the files of which a part was given up. */
  readonly digests: ReadonlyMap<string, string>;
  /** Notes from elsewhere, verified: what they cover was not cut. */
  readonly anchors: readonly LogState[];
  /** Notes from beside the log, verified: a key signed them, but they can be cut together with it. */
  readonly beside: readonly LogState[];
  readonly keys: readonly string[];
}

/** Holds segments against one another and against signed notes. Pure: everything was read before. */
export function judgeSegments(evidence: Evidence): AuditVerdict {
  const [fault] = findFaults(evidence);
  if (fault) return { ok: false, ...fault };
  const { walked, anchors } = evidence;
  const { first, pruned, accepted } = scopeOf(evidence);
  let records = 0;
  let anchored = 0;
  for (const { segment, verdict, records: own } of walked) {
    if (segment.number < first) continue;
    const sizes = anchors.flatMap(({ log, size }) => (log === segment.log ? [size] : []));
    const most = Math.max(0, ...sizes);
    if (verdict.ok && most > 0) anchored = records + most;
    records += own;
  }
  const end = walked.at(-1)?.verdict;
  const losses = accepted.map(({ loss }) => loss);
  return Object.freeze({
    ok: true,
    records,
    ...(end?.ok === true && end.head !== undefined ? { head: end.head } : {}),
    anchored,
    unanchored: records - anchored,
    ...(losses.length === 0 ? {} : { losses: Object.freeze(losses) }),
    ...(pruned ? { pruned: prunedPart(pruned) } : {}),
  });
}

/** Everything that does not verify and that nobody gave up, oldest segment first. */
export function findFaults(evidence: Evidence): readonly AuditFault[] {
  const { walked, anchors, beside, digests } = evidence;
  const { first, pruned, accepted } = scopeOf(evidence);
  const states = [...anchors, ...beside];
  const found = new Map(walked.map((one) => [one.segment.number, one]));
  const numbers = [...found.keys(), ...states.map(({ log }) => numberOf(log))];
  const last = Math.max(0, ...numbers);
  const faults: AuditFault[] = pruned ? [...faultsBefore(pruned, states)] : [];
  for (let number = first; number <= last; number += 1) {
    const one = found.get(number);
    const fault = one ? faultOf(one, found.get(number - 1), pruned, accepted) : missing(number);
    if (fault && !isAccepted(fault, accepted, digests)) faults.push(fault);
    const changed = one && changedLoss(one, accepted, digests);
    if (changed) faults.push(changed);
  }
  return faults;
}

interface Scope {
  /** The number of the segment with which verification begins. */
  readonly first: number;
  readonly pruned: PrunedRecord | undefined;
  readonly accepted: readonly Acceptance[];
}

function scopeOf(evidence: Evidence): Scope {
  const isWhole = evidence.walked.some(({ segment }) => segment.number === 1);
  const pruned = isWhole ? undefined : newestRemoval(evidence);
  const first = pruned ? numberOf(pruned.first) : 1;
  const accepted = acceptedLosses(evidence).filter(({ segment }) => numberOf(segment) >= first);
  return { first, pruned, accepted };
}

const prunedPart = ({ first, actor, at }: PrunedRecord): PrunedPart =>
  Object.freeze({ first, actor, at });

const missing = (number: number): AuditFault => ({
  kind: "segment_missing",
  segment: segmentAt("", number).log,
});

/** What is wrong with a segment, by itself or as the one after another. */
function faultOf(
  { segment: { log, number }, verdict, start, isBegun }: WalkedSegment,
  before: WalkedSegment | undefined,
  pruned: PrunedRecord | undefined,
  accepted: readonly Acceptance[],
): AuditFault | undefined {
  if (!verdict.ok) {
    const { kind, line } = verdict;
    return { kind, segment: log, ...(line === undefined ? {} : { line }) };
  }
  // What a crash leaves between making the file and its first record.
  if (!isBegun) return undefined;
  const isJoined =
    pruned?.first === log
      ? isSameLink(start?.link, pruned.link)
      : number === 1
        ? start?.link === undefined
        : follows(
            start,
            before,
            accepted.filter(({ by }) => by === log),
          );
  return start && isJoined ? undefined : { kind: "segment_link_broken", segment: log, line: 1 };
}

/** Whether a segment goes on where the one before ended, or behind what was given up of it. */
function follows(
  start: SegmentStart | undefined,
  before: WalkedSegment | undefined,
  givenUp: readonly Acceptance[],
): boolean {
  // A segment that is missing or damaged is a fault of its own, or was given up as it is.
  if (!before?.verdict.ok) return true;
  if (givenUp.some(({ segment }) => segment === before.segment.log)) return true;
  const isEnded = before.verdict.sealed || givenUp.length > 0;
  return isEnded && isSameLink(start?.link, linkTo(before.verdict));
}

interface Acceptance {
  /** The segment that says so. */
  readonly by: string;
  readonly segment: string;
  readonly digest: string | undefined;
  readonly loss: AcceptedLoss;
}

/** What was given up by somebody who could have it signed: whoever can write the folder alone cannot accept damage of his own. */
function acceptedLosses(evidence: Evidence): readonly Acceptance[] {
  return evidence.walked.flatMap(({ segment, start }) => {
    if (!start?.reseal || !isSigned(segment.log, 0, evidence)) return [];
    const { actor, reason, at, losses } = start.reseal;
    return losses.map(({ digest, ...what }: Loss) => ({
      by: segment.log,
      segment: what.segment,
      digest,
      loss: Object.freeze({ ...what, actor, reason, at }),
    }));
  });
}

function isAccepted(
  fault: AuditFault,
  accepted: readonly Acceptance[],
  digests: ReadonlyMap<string, string>,
): boolean {
  return accepted.some(
    ({ segment, digest, loss }) =>
      segment === fault.segment &&
      loss.kind === fault.kind &&
      loss.line === fault.line &&
      digest === digests.get(segment),
  );
}

/** A file that was damaged further since somebody gave up what it had lost then. */
function changedLoss(
  { segment: { log } }: WalkedSegment,
  accepted: readonly Acceptance[],
  digests: ReadonlyMap<string, string>,
): AuditFault | undefined {
  const own = accepted.filter(({ segment }) => segment === log);
  if (own.length === 0 || own.some(({ digest }) => digest === digests.get(log))) return undefined;
  return { kind: "accepted_loss_changed", segment: log };
}

/** The removal that went furthest, of those that are signed and begin at a note that is. */
function newestRemoval(evidence: Evidence): PrunedRecord | undefined {
  return evidence.walked
    .flatMap(({ pruned }) => pruned)
    .filter(({ log, seq, first, link, checkpoint }) => {
      const note = verifyCheckpoint(checkpoint, { log: link.log, keys: evidence.keys });
      const isStart = note.ok && note.state.size === link.size && note.state.root === link.root;
      const isNext = numberOf(first) === numberOf(link.log) + 1;
      return isStart && isNext && isSigned(log, seq, evidence);
    })
    .toSorted((left, right) => numberOf(left.first) - numberOf(right.first))
    .at(-1);
}

/** Whether a signed note covers a record: one of its segment, or of a later one to which whole segments lead. */
function isSigned(log: string, seq: number, { walked, anchors, beside }: Evidence): boolean {
  const own = walked.findIndex(({ segment }) => segment.log === log);
  for (const { segment, verdict } of walked.slice(own)) {
    if (!verdict.ok) return false;
    const least = segment.log === log ? seq : 0;
    if ([...anchors, ...beside].some((state) => state.log === segment.log && state.size > least)) {
      return true;
    }
  }
  return false;
}

/** Holds notes of the last removed segment against how the removal says that it ended. */
function faultsBefore({ link }: PrunedRecord, states: readonly LogState[]): readonly AuditFault[] {
  return states.flatMap(({ log, size, root }): readonly AuditFault[] => {
    if (log !== link.log || size < link.size) return [];
    if (size > link.size) return [{ kind: "truncated", segment: log }];
    return root === link.root ? [] : [{ kind: "checkpoint_mismatch", segment: log }];
  });
}
