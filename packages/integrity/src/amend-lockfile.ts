import {
  type LockedPlugin,
  type Lockfile,
  type LockfileOutcome,
  parseLockfile,
} from "./lockfile.ts";
import { writeSorted } from "./lockfile-text.ts";

/** What is to be locked for one plugin, unchecked. */
export interface LockEntry {
  /** The digests that pass. */
  readonly digests: readonly string[];
  /** The approved surface. */
  readonly surface: string;
  /** The exact version. */
  readonly version: string;
  /** Keys of which one must have signed the digest. */
  readonly signers?: readonly string[];
}

const LARGEST = 1_048_576;

/**
 * A lock with entries put in, replaced, or, where the entry is `undefined`, taken out. Entries of the legacy form, which match nothing, are
 * left out, so what is answered can always be written. An entry that no lock file may hold is the rejection that reading it would give.
 */
export function amendLockfile(
  lock: Lockfile | undefined,
  entries: Readonly<Record<string, LockEntry | undefined>>,
): LockfileOutcome {
  const kept = Object.entries<LockedPlugin>(lock?.plugins ?? {}).filter(
    ([id, { digests }]) => digests.length > 0 && !Object.hasOwn(entries, id),
  );
  const given = Object.entries(entries).flatMap(([id, entry]) =>
    entry === undefined ? [] : ([[id, entry]] as const),
  );
  const plugins = Object.fromEntries(
    [...kept, ...given].map(([id, entry]) => [id, written(entry)]),
  );
  const text = writeSorted({ lockfileVersion: 1, plugins });
  return parseLockfile(new TextEncoder().encode(text), { maxBytes: LARGEST });
}

function written({
  digests,
  ...rest
}: LockEntry | LockedPlugin): Readonly<Record<string, unknown>> {
  const sorted = digests.toSorted((left, right) => (left < right ? -1 : 1));
  return { ...rest, digest: sorted.length === 1 ? sorted[0] : sorted };
}
