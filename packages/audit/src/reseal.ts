import { stat } from "node:fs/promises";
import { holdJournal, type LogState, verifyCheckpoint } from "@sigilrt/journal";
import { asAuditError, AuditError } from "./audit-error.ts";
import type { AuditFault } from "./audit-verdict.ts";
import { digestOf } from "./accepted-loss.ts";
import { findFaults } from "./judge-segments.ts";
import { newestNote } from "./notes-file.ts";
import { openSegment } from "./open-segment.ts";
import { entryOf } from "./record-body.ts";
import { createTokens } from "./redaction.ts";
import { openRedactionKey } from "./redaction-key.ts";
import { listSegments, numberOf, type Segment, segmentAt } from "./segment.ts";
import { startBody } from "./segment-start.ts";
import type { AuditStoreOptions } from "./store-options.ts";
import { digestsOf, walkSegments } from "./walk-segments.ts";

/** Who gives up what is damaged, and with what it is signed. */
export interface ResealAuditOptions extends Pick<
  AuditStoreOptions,
  "signer" | "sinks" | "redact" | "clock"
> {
  /** Who gives it up; on record. */
  readonly actor: string;
  /** Why, in that person's words; at most 1,024 characters, on record. */
  readonly reason: string;
  /** Signed notes that lie elsewhere, beside those of the sinks. */
  readonly checkpoints?: readonly string[];
  /** Keys that signed notes before, as `vkey` texts. */
  readonly keys?: readonly string[];
}

/** What was given up. */
export interface ResealedAudit {
  /** The new segment, with which the log goes on. */
  readonly segment: string;
  /** What did not verify. It stays where it is, and verification names it from now on. */
  readonly losses: readonly AuditFault[];
}

/**
 * Goes on behind a log that does not verify. A new segment begins with who gave up what, why, and what lay in the damaged files then;
 * the files stay. A checkpoint signs it: without one, or with damage that came later, `verifyAudit` does not accept the loss.
 *
 * @throws {@link AuditError} `REFUSED` for a log that verifies and for a note that no known key signed, `LOCKED` while a store has the
 * folder open, `IO`
 * @throws RangeError without an actor or a reason
 */
export async function resealAudit(
  directory: string,
  options: ResealAuditOptions,
): Promise<ResealedAudit> {
  for (const name of ["actor", "reason"] as const) checkWords(name, options[name]);
  try {
    const segments = await listSegments(directory);
    const newest = segments.at(-1);
    const held = newest && (await holdJournal(newest.path));
    const letGo = async (): Promise<void> => held?.[Symbol.asyncDispose]();
    try {
      return await reseal(directory, segments, options, letGo);
    } finally {
      await letGo();
    }
  } catch (cause) {
    if (cause instanceof RangeError) throw cause;
    throw asAuditError(cause, `Cannot reseal "${directory}"`);
  }
}

async function reseal(
  directory: string,
  found: readonly Segment[],
  options: ResealAuditOptions,
  letGo: () => Promise<void>,
): Promise<ResealedAudit> {
  const { signer, actor, reason, redact, keys: formerKeys = [] } = options;
  const keys = [signer.vkey, ...formerKeys];
  const notes = await knownNotes(found, options, keys);
  const isLeft = await isBarelyBegun(found.at(-1), [...notes.anchors, ...notes.beside]);
  const segments = isLeft ? found.slice(0, -1) : found;
  const walked = await walkSegments(segments, [...notes.anchors, ...notes.beside], "strict");
  const digests = await digestsOf(walked);
  const faults = findFaults({ walked, digests, ...notes, keys });
  if (faults.length === 0) {
    throw new AuditError("REFUSED", "there is nothing to give up: the log verifies");
  }
  const losses = await Promise.all(faults.map((fault) => lossOf(fault, segments)));

  const before = walked.at(-1);
  const known = [...notes.anchors, ...notes.beside]
    .filter(({ size }) => size > 0)
    .map(({ log }) => numberOf(log));
  const number = Math.max(0, before?.segment.number ?? 0, ...known) + 1;
  const segment = segmentAt(directory, number);
  const tokens = redact && createTokens(await openRedactionKey(redact.keyFile, directory), redact);
  const start = startBody({
    before: before?.verdict.ok === true ? before.verdict : undefined,
    key: signer.vkey,
    tokens: tokens?.keyId,
  });
  const [first] = faults;
  const detail = { reason, losses: faults.length, first: `${first?.segment}: ${first?.kind}` };
  const record = { action: "audit.resealed", actor, result: "ok", reason: "ok", detail } as const;
  const who = tokens?.user(actor) ?? actor;

  // Opening what an earlier attempt left keeps others out, too.
  if (isLeft) await letGo();
  const journal = await openSegment(segment, { ...options, tokens: tokens?.keyId });
  try {
    await journal.append([
      { type: "audit.resealed", body: { ...start, actor: who, reason, losses } },
      entryOf(record, undefined, tokens),
    ]);
    await journal.checkpoint();
  } finally {
    await journal.close();
  }
  return Object.freeze({ segment: segment.log, losses: Object.freeze(faults) });
}

/** Whether a segment is what an attempt to begin it left: an empty file, of which no note knows a record. */
async function isBarelyBegun(
  segment: Segment | undefined,
  states: readonly LogState[],
): Promise<boolean> {
  if (!segment || (await stat(segment.path)).size > 0) return false;
  return !states.some(({ log, size }) => log === segment.log && size > 0);
}

interface Notes {
  readonly anchors: readonly LogState[];
  readonly beside: readonly LogState[];
}

/** What signed notes say of the log: of the newest segments those of the sinks, of each the newest beside it, and those that are given. */
async function knownNotes(
  segments: readonly Segment[],
  { sinks, checkpoints = [] }: ResealAuditOptions,
  keys: readonly string[],
): Promise<Notes> {
  const stateOf = (note: string | undefined, log: string): readonly LogState[] => {
    if (note === undefined) return [];
    const verdict = verifyCheckpoint(note, { log, keys });
    return verdict.ok ? [verdict.state] : [];
  };
  const given = checkpoints.map((note) => {
    const log = /\/(audit-\d{6})\n/u.exec(note)?.[1] ?? "";
    const [state] = stateOf(note, log);
    if (state) return state;
    throw new AuditError("REFUSED", "no known key signed a given checkpoint; give the key too");
  });
  // A sink may know of a segment that is gone.
  const number = segments.at(-1)?.number ?? 0;
  const logs = [number, number + 1].flatMap((at) => (at > 0 ? [segmentAt("", at).log] : []));
  const elsewhere = await Promise.all(
    logs.flatMap((log) =>
      sinks.map(async (sink) => stateOf(await sink.latest(log).catch(() => undefined), log)),
    ),
  );
  const beside = await Promise.all(
    segments.map(async ({ path, log }) =>
      stateOf(await newestNote(`${path}.checkpoints`, log), log),
    ),
  );
  return { anchors: [...given, ...elsewhere.flat()], beside: beside.flat() };
}

async function lossOf(
  { kind, segment = "", line }: AuditFault,
  segments: readonly Segment[],
): Promise<Readonly<Record<string, string | number>>> {
  const file = segments.find(({ log }) => log === segment);
  return {
    segment,
    kind,
    ...(line === undefined ? {} : { line }),
    ...(file ? { digest: await digestOf(file.path) } : {}),
  };
}

function checkWords(name: "actor" | "reason", text: string): void {
  if (text.length > 0 && text.length <= 1_024 && text.isWellFormed()) return;
  throw new RangeError(`Cannot reseal: ${name} is empty, over 1,024 characters or no text`);
}
