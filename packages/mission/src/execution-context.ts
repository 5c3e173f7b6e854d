import { hash } from "node:crypto";
import { isAbsolute } from "node:path";
import { canonicalize } from "@sigilrt/canonical";

/** SHA-256 of what is run, in what, under which rules: the same work has the same id. */
export type RunId = `sha256:${string}`;

/** What a run's id is made of. */
export interface RunIdParts {
  /** The commit of the repository when the run began, in hex. */
  readonly baselineCommit: string;
  /** The digest of the envelope's spec. */
  readonly envelopeDigest: string;
  /** The digest of what is to be done. */
  readonly inputsDigest: string;
  /** The digest of the lock file. */
  readonly lockDigest: string;
}

/** Which run this is, and which execution of it. */
export interface ExecutionContext {
  /** The repository, absolute: the envelope's root. */
  readonly repoRoot: string;
  /** The commit of the repository when the run began, in hex. */
  readonly baselineCommit: string;
  /** The id of the work, as {@link runIdOf} makes it. */
  readonly runId: RunId;
  /** The id of this execution: a random UUID. Nothing that must be repeatable depends on it. */
  readonly runIdAudit: string;
  /** When it began, in RFC 3339. */
  readonly startedAt: string;
}

/** Names the work. @throws TypeError for a part that is empty or no text */
export function runIdOf(parts: RunIdParts): RunId {
  const { baselineCommit, envelopeDigest, inputsDigest, lockDigest } = parts;
  const named = {
    baseline_commit: baselineCommit,
    envelope_digest: envelopeDigest,
    inputs_digest: inputsDigest,
    lock_digest: lockDigest,
  };
  for (const [name, value] of Object.entries(named)) {
    if (typeof value === "string" && value !== "") continue;
    throw new TypeError(`Cannot make a run id: ${name} is absent; pass a text`);
  }
  return `sha256:${hash("sha256", canonicalize(named))}`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u;

/** The id of an execution's journal. */
export const logOf = ({ runId, runIdAudit }: ExecutionContext): string => `${runId}/${runIdAudit}`;

/** Takes over a context. @throws TypeError when a member is none, or the run id is not that of its parts */
export function checkedContext(context: ExecutionContext, parts: RunIdParts): ExecutionContext {
  const { repoRoot, baselineCommit, runId, runIdAudit, startedAt } = context;
  if (!isAbsolute(repoRoot)) throw fault("repoRoot is not absolute");
  if (!UUID.test(runIdAudit)) throw fault("runIdAudit is no UUID in lower case");
  if (Number.isNaN(Date.parse(startedAt))) throw fault("startedAt is no time");
  if (runId !== runIdOf(parts)) throw fault("runId is not that of its parts; make it with runIdOf");
  return Object.freeze({ repoRoot, baselineCommit, runId, runIdAudit, startedAt });
}

const fault = (state: string): TypeError => new TypeError(`Cannot run a mission: ${state}`);
