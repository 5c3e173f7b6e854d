import type { Lockfile, PluginStore } from "@sigilrt/integrity";
import { requireLock, splitByName, verifyOrRefuse } from "./discover.ts";
import { ManagerError, type ManagerErrorCode } from "./manager-error.ts";
import type { Settings } from "./options.ts";
import { findNamed } from "./read-folder.ts";
import {
  type AdmittedPlugin,
  openLock,
  refusal,
  type RefusedPlugin,
  type Verdict,
  verifyTree,
} from "./verify.ts";

/** Gates 1 and 2 for the folder of one plugin, as it lies there now. */
export async function judgeFolder(
  name: string,
  settings: Settings,
  store: PluginStore,
  signal: AbortSignal,
): Promise<Verdict> {
  const lock = await lockOrRefusal(name, settings);
  if (lock && "code" in lock) return { kind: "refused", refused: lock };
  const { found, skipped } = await findNamed(settings, name);
  const { single, doubled } = splitByName(found);
  const [folder] = single;
  if (folder) return verifyOrRefuse(folder, settings, store, lock, signal);
  const [twice] = doubled;
  if (twice) return { kind: "refused", refused: twice };
  const [bad] = skipped;
  const refused: RefusedPlugin = bad
    ? { ...bad, plugin: name, code: "VERIFICATION_FAILED" }
    : refusal(name, "", { kind: "missing_plugin_directory", plugin: name }, "it has no folder");
  return { kind: "refused", refused };
}

async function lockOrRefusal(
  plugin: string,
  settings: Settings,
): Promise<Lockfile | undefined | RefusedPlugin> {
  try {
    return requireLock(await openLock(settings), settings.lockPath);
  } catch (error) {
    if (!(error instanceof ManagerError)) throw error;
    const { code, message, rejection } = error;
    const refused = { plugin, dir: "", code, message };
    return rejection === undefined ? refused : { ...refused, rejection };
  }
}

/** Gate 2 for bytes that were admitted before and are in the store still. Engine, lock, verifier and consent decide anew. */
export async function judgeStored(
  { manifest: { name, version }, tree: { digest } }: AdmittedPlugin,
  settings: Settings,
  store: PluginStore,
  signal: AbortSignal,
): Promise<Verdict> {
  const lock = await lockOrRefusal(name, settings);
  if (lock && "code" in lock) return { kind: "refused", refused: lock };
  const tree = await store.open(digest);
  if (!tree.ok) {
    const message = `Cannot roll "${name}" back to version ${version}: its stored tree is ${tree.reason}; lay it out as a folder and reload`;
    return notAgain(name, "VERIFICATION_FAILED", message);
  }
  const verdict = await verifyTree(tree, name, settings, store, lock, signal);
  if (verdict.kind !== "refused") return verdict;
  const { refused } = verdict;
  const message = `${refused.message}; to allow version ${version} again, lock and approve its bytes (${digest})`;
  return { kind: "refused", refused: { ...refused, message } };
}

/** The verdict about a version that is not known. */
export const nothingBefore = (name: string): Verdict =>
  notAgain(
    name,
    "PLUGIN_NOT_FOUND",
    `Cannot roll "${name}" back: no other version of it was admitted since the manager began`,
  );

const notAgain = (plugin: string, code: ManagerErrorCode, message: string): Verdict => ({
  kind: "refused",
  refused: { plugin, dir: "", code, message },
});
