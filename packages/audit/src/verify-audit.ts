import { createReadStream } from "node:fs";
import {
  type JournalFaultKind,
  type JournalRecord,
  type LogState,
  verifyCheckpoint,
  type VerifiedJournal,
  verifyJournal,
} from "@sigilrt/journal";
import { AuditError } from "./audit-error.ts";
import { type IndexFault, verifyIndex } from "./verify-index.ts";
import { listSegments, type Segment, segmentAt } from "./segment.ts";

/** What an audit directory is held against. */
export interface VerifyAuditOptions {
  /** Signed notes that lie elsewhere, of any segment. Without one, a cut tail does not show. */
  readonly checkpoints?: readonly string[];
  /** Keys of the notes, as `vkey` texts. */
  readonly keys?: readonly string[];
  /** `strict` writes every record again and compares (the default); `fast` hashes the lines as they are. */
  readonly mode?: "strict" | "fast";
  /** Also holds the index of the directory against the journal, so that a hidden record shows. For a store that is closed, or a copy. */
  readonly index?: true;
}

/** What does not verify in an audit directory. */
export type AuditFaultKind =
  | JournalFaultKind
  | "segment_missing"
  | "segment_link_broken"
  | "checkpoints_inconsistent"
  | IndexFault["kind"];

/** What verification of an audit directory finds, and what that proves. */
export type AuditVerdict =
  | {
      /** Every record follows from the one before, over all segments. */
      readonly ok: true;
      /** Records in all. */
      readonly records: number;
      /** The `entry_hash` of the last one; absent when there is none. */
      readonly head?: string;
      /** How many records a given checkpoint vouches for. */
      readonly anchored: number;
      /** How many came after it. */
      readonly unanchored: number;
    }
  | {
      /** Something does not verify. */
      readonly ok: false;
      /** What. */
      readonly kind: AuditFaultKind;
      /** The segment it is in. */
      readonly segment?: string;
      /** The line in it, from 1. */
      readonly line?: number;
    };

/**
 * Verifies an audit directory, or a copy of one, without the gateway: each segment, the links between them, and that no checkpoint
 * contradicts another.
 *
 * @throws {@link AuditError} `IO` when it cannot be read; that is no verdict
 */
export async function verifyAudit(
  directory: string,
  options: VerifyAuditOptions = {},
): Promise<AuditVerdict> {
  const segments = await attempt(directory, () => listSegments(directory));
  const notes = readNotes(options, segments);
  if ("kind" in notes) return { ok: false, ...notes };
  const last = Math.max(
    segments.at(-1)?.number ?? 0,
    ...notes.states.map((state) => numberOf(state)),
  );
  let records = 0;
  let anchored = 0;
  let before: VerifiedJournal | undefined;
  for (let number = 1; number <= last; number += 1) {
    const segment = segmentAt(directory, number);
    if (!segments.some((found) => found.number === number)) {
      return { ok: false, kind: "segment_missing", segment: segment.log };
    }
    // oxlint-disable-next-line no-await-in-loop -- each segment begins where the one before ended
    const checked = await attempt(segment.path, () =>
      verifySegment(segment, before, notes.states, options),
    );
    if (!checked.ok) return { ...checked, segment: segment.log };
    if (checked.anchored > 0) anchored = records + checked.anchored;
    records += checked.records;
    before = checked;
  }
  if (options.index) {
    const fault = await attempt(directory, () => verifyIndex(directory, segments));
    if (fault) return { ok: false, ...fault };
  }
  return Object.freeze({
    ok: true,
    records,
    ...(before?.head === undefined ? {} : { head: before.head }),
    anchored,
    unanchored: records - anchored,
  });
}

async function verifySegment(
  segment: Segment,
  before: VerifiedJournal | undefined,
  states: readonly LogState[],
  { mode }: VerifyAuditOptions,
): Promise<VerifiedJournal | (AuditVerdict & { readonly ok: false })> {
  let first: JournalRecord | undefined;
  const verdict = await verifyJournal(createReadStream(segment.path), {
    log: segment.log,
    checkpoints: states.filter(({ log }) => log === segment.log),
    ...(mode === undefined ? {} : { mode }),
    onRecord: (record) => {
      first ??= record;
    },
  });
  if (!verdict.ok) return { ok: false, ...faultOf(verdict) };
  return isLinked(first, before) ? verdict : { ok: false, kind: "segment_link_broken", line: 1 };
}

/** A segment begins by naming how the one before ended, so that the whole is one chain. */
export function linkTo(
  before: VerifiedJournal | undefined,
): Readonly<Record<string, string | number>> {
  if (!before) return {};
  return {
    log: before.log ?? "",
    size: before.records,
    root: before.root,
    entry_hash: before.head ?? "",
  };
}

function isLinked(first: JournalRecord | undefined, before: VerifiedJournal | undefined): boolean {
  // An empty segment is what a crash leaves between making the file and its first record.
  if (!first) return true;
  const link = linkTo(before);
  const { body } = first;
  return (
    first.type === "audit.opened" &&
    Object.keys(body).length === Object.keys(link).length &&
    Object.entries(link).every(([key, value]) => body[key] === value) &&
    (before === undefined || before.sealed)
  );
}

function readNotes(
  { checkpoints = [], keys = [] }: VerifyAuditOptions,
  segments: readonly Segment[],
): { readonly states: readonly LogState[] } | { readonly kind: AuditFaultKind } {
  const states: LogState[] = [];
  for (const note of checkpoints) {
    const log = /\/(audit-\d{6})\n/u.exec(note)?.[1] ?? segments.at(-1)?.log ?? "";
    const verdict = verifyCheckpoint(note, { log, keys });
    if (!verdict.ok) return { kind: verdict.kind };
    const { state } = verdict;
    const other = states.find((known) => known.log === state.log && known.size === state.size);
    if (other && other.root !== state.root) return { kind: "checkpoints_inconsistent" };
    states.push(state);
  }
  return { states };
}

const numberOf = ({ log }: LogState): number => Number(log.slice(-6));

function faultOf({ kind, line }: { readonly kind: JournalFaultKind; readonly line?: number }): {
  readonly kind: JournalFaultKind;
  readonly line?: number;
} {
  return line === undefined ? { kind } : { kind, line };
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AuditError) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown failure";
    throw new AuditError("IO", `Cannot read "${path}": ${code}`, { cause });
  }
}
