import { amendLockfile, type LockEntry, readLockfile, writeLockfile } from "@sigilrt/integrity";
import { rejectionText } from "./rejection-text.ts";

/** Pins plugins, beside what else is locked; signers that an entry names stay. */
export async function lockPlugins(
  path: string,
  entries: Readonly<Record<string, Omit<LockEntry, "signers">>>,
): Promise<void> {
  const read = await readLockfile(path);
  if (!read.ok) throw new Error(`Cannot write "${path}": ${rejectionText(read.rejection)}`);
  const signed = Object.entries(read.lock.plugins).flatMap(([name, { signers }]) =>
    signers === undefined ? [] : ([[name, { signers }]] as const),
  );
  const kept = new Map<string, { readonly signers: readonly string[] }>(signed);
  const amended = amendLockfile(
    read.lock,
    Object.fromEntries(
      Object.entries(entries).map(([name, entry]) => [name, { ...entry, ...kept.get(name) }]),
    ),
  );
  if (!amended.ok) throw new Error(`Cannot write "${path}": ${rejectionText(amended.rejection)}`);
  await writeLockfile(path, amended.lock);
}
