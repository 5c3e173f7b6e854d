import { basename } from "node:path";
import type { Lockfile, PluginStore } from "@sigilrt/integrity";
import { type Generation, register } from "./generation.ts";
import { ManagerError } from "./manager-error.ts";
import type { Settings } from "./options.ts";
import { findFolders, type FoundFolder } from "./read-folder.ts";
import { refuseLoops } from "./refuse-loops.ts";
import { recordAdmissions } from "./record-admissions.ts";
import type { PluginRejection } from "./rejection.ts";
import type { DiscoveryReport } from "./report.ts";
import {
  type AdmittedPlugin,
  type AwaitingPlugin,
  openLock,
  refusal,
  type RefusedPlugin,
  type Verdict,
  verifyFolder,
} from "./verify.ts";

/** A look at the folders, and the generation that is current after it. */
export interface Discovery {
  readonly report: DiscoveryReport;
  readonly generation: Generation;
}

interface DiscoveryOptions {
  readonly publish: (generation: Generation) => void;
  readonly signal: AbortSignal | undefined;
}

/** Gates 1, 2 and 4: finds folders, verifies every one, then publishes what passed. A refused plugin never delays another. */
export async function discoverPlugins(
  settings: Settings,
  store: PluginStore,
  before: Generation,
  { publish, signal }: DiscoveryOptions,
): Promise<Discovery> {
  signal?.throwIfAborted();
  const lock = requireLock(await openLock(settings), settings.lockPath);
  const { found, skipped } = await findFolders(settings, signal);
  const { single, doubled } = splitByName(found);

  const verdicts: Verdict[] = [];
  for (const folder of single) {
    signal?.throwIfAborted();
    // oxlint-disable-next-line no-await-in-loop -- in order, and abortable between folders
    verdicts.push(await verifyOrRefuse(folder, settings, store, lock, signal));
  }
  const kept = keepRunning(doubled, before);
  const passed = new Map<string, AdmittedPlugin>([
    ...kept,
    ...verdicts.flatMap((verdict): readonly [string, AdmittedPlugin][] =>
      verdict.kind === "admitted"
        ? [[verdict.plugin.manifest.name, unchanged(verdict.plugin, before)]]
        : [],
    ),
  ]);
  const looped = refuseLoops(passed, found);
  const isLooped = new Set(looped.map(({ plugin }) => plugin));
  const admitted = [...passed].filter(([name]) => !isLooped.has(name));
  const refused = [
    ...verdicts.flatMap((verdict) => (verdict.kind === "refused" ? [verdict.refused] : [])),
    ...doubled,
    ...looped,
    ...missingFolders(settings.folders, lock, [...found, ...skipped]),
  ];
  const awaiting = verdicts.flatMap((verdict) =>
    verdict.kind === "awaiting" ? [verdict.awaiting] : [],
  );
  const isWhole = skipped.length === 0 && refused.length === 0 && awaiting.length === 0;
  const published = settings.admission === "each" || isWhole;

  const plugins = new Map(admitted.toSorted(([left], [right]) => (left < right ? -1 : 1)));
  const after: Generation = Object.freeze({
    number: before.number + 1,
    plugins,
    refused,
    awaiting,
  });
  if (published) {
    await recordAdmissions(settings, before, after, refused);
    await register(settings, before, after, () => publish(after));
  }
  const generation = published ? after : before;
  return {
    generation,
    report: reportOf(before, generation, published, { skipped, refused, awaiting }),
  };
}

function reportOf(
  before: Generation,
  { number, plugins }: Generation,
  published: boolean,
  rest: {
    readonly skipped: DiscoveryReport["skipped"];
    readonly refused: readonly RefusedPlugin[];
    readonly awaiting: readonly AwaitingPlugin[];
  },
): DiscoveryReport {
  return Object.freeze({
    generation: number,
    published,
    admitted: [...plugins.values()].map(({ manifest, tree, evidence }) => ({
      plugin: manifest.name,
      version: manifest.version,
      digest: tree.digest,
      evidence,
    })),
    skipped: rest.skipped,
    rejected: rest.refused,
    awaitingConsent: rest.awaiting,
    removed: [...before.plugins.keys()].filter((name) => !plugins.has(name)),
  });
}

/** The lock to go by. @throws {@link ManagerError} `VERIFICATION_FAILED` */
export function requireLock(
  lock: Lockfile | undefined | { readonly rejection: PluginRejection },
  path: string | undefined,
): Lockfile | undefined {
  if (lock === undefined || !("rejection" in lock)) return lock;
  const { rejection } = lock;
  const reason = "reason" in rejection ? rejection.reason : rejection.kind;
  const place =
    "line" in rejection && rejection.line !== undefined ? `, line ${rejection.line}` : "";
  const message = `Cannot read lock file "${path ?? ""}": ${reason}${place}; restore it from its history, or lock the plugins anew`;
  throw new ManagerError("VERIFICATION_FAILED", message, { rejection });
}

/** The second gate for one folder, where what cannot be decided is a refusal. */
export async function verifyOrRefuse(
  folder: FoundFolder,
  settings: Settings,
  store: PluginStore,
  lock: Lockfile | undefined,
  signal: AbortSignal | undefined,
): Promise<Verdict> {
  try {
    return await verifyFolder(folder, settings, store, lock, signal);
  } catch (error) {
    signal?.throwIfAborted();
    // What could not be decided is no pass: a full disk, a consent store that fails, a record that is malformed.
    const plugin = basename(folder.dir);
    const detail = error instanceof Error ? error.message : "unknown failure";
    const message = `Cannot decide about "${plugin}": ${detail}`;
    const refused = { plugin, dir: folder.dir, code: "VERIFICATION_FAILED", message } as const;
    return { kind: "refused", refused };
  }
}

/** Two folders with one name: none of them is admitted, for either could be the intruder. */
export function splitByName(found: readonly FoundFolder[]): {
  readonly single: readonly FoundFolder[];
  readonly doubled: readonly RefusedPlugin[];
} {
  const byName = Map.groupBy(found, ({ manifest }) => manifest.name);
  const doubled = [...byName].flatMap(([id, folders]): readonly RefusedPlugin[] => {
    const dirs = folders.map(({ dir }) => dir);
    const state = `${dirs.length} folders have its name: ${dirs.join(", ")}; remove all but one`;
    return folders.length > 1
      ? [refusal(id, dirs[0] ?? "", { kind: "duplicate_plugin", id, dirs }, state)]
      : [];
  });
  const single = [...byName.values()].flatMap((folders) => (folders.length === 1 ? folders : []));
  return { single, doubled };
}

/** A plugin that ran before somebody added a second folder keeps running as it was. */
function keepRunning(
  doubled: readonly RefusedPlugin[],
  before: Generation,
): readonly [string, AdmittedPlugin][] {
  return doubled.flatMap(({ plugin }): readonly [string, AdmittedPlugin][] => {
    const known = before.plugins.get(plugin);
    return known ? [[plugin, known]] : [];
  });
}

/** The same bytes with the same consent are the same plugin: its instances stay, its grant is not written again. */
export function unchanged(plugin: AdmittedPlugin, before: Generation): AdmittedPlugin {
  const known = before.plugins.get(plugin.manifest.name);
  const isSame =
    known?.tree.digest === plugin.tree.digest &&
    JSON.stringify(known.consent) === JSON.stringify(plugin.consent) &&
    JSON.stringify(known.locked) === JSON.stringify(plugin.locked);
  return known && isSame ? known : plugin;
}

/** Plugins that are locked, or asked for by name, and have no folder. */
export function missingFolders(
  folders: readonly string[] | undefined,
  lock: Lockfile | undefined,
  there: readonly { readonly dir: string }[],
): readonly RefusedPlugin[] {
  const present = new Set(there.map(({ dir }) => basename(dir)));
  const expected = folders?.map((path) => basename(path)) ?? Object.keys(lock?.plugins ?? {});
  const why = folders ? "it is asked for" : "it is locked";
  return expected
    .filter((plugin) => !present.has(plugin))
    .map((plugin) => {
      const rejection = { kind: "missing_plugin_directory", plugin } as const;
      return refusal(plugin, "", rejection, `${why} and has no folder`);
    });
}
