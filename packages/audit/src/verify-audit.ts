import { type LogState, verifyCheckpoint } from "@sigilrt/journal";
import { AuditError } from "./audit-error.ts";
import type { AuditFault, AuditVerdict } from "./audit-verdict.ts";
import { judgeSegments } from "./judge-segments.ts";
import { listSegments, type Segment } from "./segment.ts";
import { verifyIndex } from "./verify-index.ts";
import { digestsOf, walkSegments, writtenEnd } from "./walk-segments.ts";

/** What an audit directory is held against. */
export interface VerifyAuditOptions {
  /** Signed notes that lie elsewhere, of any segment. Without one, a cut tail does not show. */
  readonly checkpoints?: readonly string[];
  /** Signed notes that lie beside the log. They must hold, and show who gave up or removed a part of it, but vouch for no tail. */
  readonly beside?: readonly string[];
  /** Keys of the notes, as `vkey` texts: those of today and of the time before. */
  readonly keys?: readonly string[];
  /** `strict` writes every record again and compares (the default); `fast` hashes the lines as they are. */
  readonly mode?: "strict" | "fast";
  /** Also holds the index of the directory against the journal, so that a hidden record shows; also while a gateway writes both. */
  readonly index?: true;
}

/**
 * Verifies an audit directory, or a copy of one, without the gateway: each segment, the links between them, and that no checkpoint
 * contradicts another. While a gateway writes, up to what was written when it began.
 *
 * @throws {@link AuditError} `IO` when it cannot be read; that is no verdict
 */
export async function verifyAudit(
  directory: string,
  options: VerifyAuditOptions = {},
): Promise<AuditVerdict> {
  const { keys = [], mode = "strict" } = options;
  const segments = await attempt(directory, () => listSegments(directory));
  const notes = readNotes(options, segments);
  if ("kind" in notes) return { ok: false, ...notes };
  const { anchors, beside } = notes;
  const verdict = await attempt(directory, async () => {
    const newest = segments.at(-1);
    const end = newest && (await writtenEnd(newest));
    const walked = await walkSegments(segments, [...anchors, ...beside], mode, end);
    return judgeSegments({ walked, digests: await digestsOf(walked), anchors, beside, keys });
  });
  if (!verdict.ok || !options.index) return verdict;
  const fault = await attempt(directory, () => verifyIndex(directory));
  return fault ? { ok: false, ...fault } : verdict;
}

interface Notes {
  readonly anchors: readonly LogState[];
  readonly beside: readonly LogState[];
}

function readNotes(
  { checkpoints = [], beside = [], keys = [] }: VerifyAuditOptions,
  segments: readonly Segment[],
): Notes | AuditFault {
  const states: LogState[] = [];
  for (const note of [...checkpoints, ...beside]) {
    const log = /\/(audit-\d{6})\n/u.exec(note)?.[1] ?? segments.at(-1)?.log ?? "";
    const verdict = verifyCheckpoint(note, { log, keys });
    if (!verdict.ok) return { kind: verdict.kind };
    const { state } = verdict;
    const other = states.find((known) => known.log === state.log && known.size === state.size);
    if (other && other.root !== state.root) return { kind: "checkpoints_inconsistent" };
    states.push(state);
  }
  return {
    anchors: states.slice(0, checkpoints.length),
    beside: states.slice(checkpoints.length),
  };
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
