import type { Lockfile, PluginStore } from "@sigilrt/integrity";
import { requireLock, splitByName, verifyOrRefuse } from "./discover.ts";
import { ManagerError } from "./manager-error.ts";
import type { Settings } from "./options.ts";
import { findNamed } from "./read-folder.ts";
import { openLock, refusal, type RefusedPlugin, type Verdict } from "./verify.ts";

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
