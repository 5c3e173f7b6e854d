import type { Clock } from "@sigilrt/enforcer";
import {
  type Evidence,
  type Lockfile,
  type PluginStore,
  type PluginVerifier,
  readLockfile,
  type TreeLimits,
} from "@sigilrt/integrity";
import type { Manifest } from "@sigilrt/manifest";
import type { ConsentStore } from "./consent.ts";
import { missingFolders } from "./discover.ts";
import { findFolders } from "./read-folder.ts";
import type { PluginRejection } from "./rejection.ts";
import { type AdmittedPlugin, type Verdict, verifyFolder } from "./verify.ts";

/** What the first two gates need. */
export interface InspectPluginsOptions {
  /** The lock file. */
  readonly lockPath: string;
  /** Where verified trees are kept and imported from. */
  readonly store: PluginStore;
  /** Confirms digests. */
  readonly verifier: PluginVerifier;
  /** Knows what people agreed to. */
  readonly consent: ConsentStore;
  /** The runtime's version, held against each manifest's `engine`; without it only a plugin that accepts every runtime passes. */
  readonly engine?: string;
  /** Tells the time for the report; the machine's when absent. */
  readonly clock?: Clock;
  /** How much a tree may hold. */
  readonly limits?: Partial<TreeLimits>;
  /** Plugin folders named one by one, in place of the root's: nothing else is looked at, and what else is locked is left alone. */
  readonly folders?: readonly string[];
  /** Ends the work; the promise then rejects with its reason, and nothing is registered. */
  readonly signal?: AbortSignal;
}

/** A plugin that passed the first two gates. */
export interface VerifiedPlugin {
  /** Its name. */
  readonly id: string;
  /** Its version. */
  readonly version: string;
  /** The digest of its bytes. */
  readonly digest: string;
  /** The read-only folder of the store that holds them. */
  readonly storePath: string;
  /** The text of its file list. */
  readonly fileList: string;
  /** Its manifest, of the stored bytes. */
  readonly manifest: Manifest;
  /** Why the bytes are approved. */
  readonly evidence: readonly Evidence[];
}

/** What the first two gates found. */
export interface InspectReport {
  /** Plugins that passed. */
  readonly plugins: readonly VerifiedPlugin[];
  /** Every refusal, in the order in which loading would meet them. */
  readonly rejections: readonly PluginRejection[];
}

/**
 * Runs the first two gates alone and lists every refusal instead of the first. No code of a plugin runs.
 *
 * @throws {@link IntegrityError} for what could not be decided
 */
export async function inspectPlugins(
  root: string,
  options: InspectPluginsOptions & {
    /** Said by the caller, for there is no other. */
    readonly mode: "collect";
  },
): Promise<InspectReport> {
  const plugins: VerifiedPlugin[] = [];
  const rejections: PluginRejection[] = [];
  for await (const step of passGates(root, options)) {
    if ("rejection" in step) rejections.push(Object.freeze(step.rejection));
    else if ("admitted" in step) plugins.push(verifiedOf(step.admitted));
  }
  return Object.freeze({ plugins, rejections });
}

/** What the gates say next. */
export type GateStep =
  | { readonly lock: Lockfile }
  | { readonly admitted: AdmittedPlugin }
  | { readonly rejection: PluginRejection };

/** The first two gates, in the order in which refusals count. */
export async function* passGates(
  root: string,
  options: InspectPluginsOptions,
  discovered: () => void = () => undefined,
): AsyncGenerator<GateStep> {
  const { lockPath, store, limits: treeLimits, folders, signal } = options;
  signal?.throwIfAborted();
  const read = await readLockfile(lockPath);
  if (!read.ok) {
    yield { rejection: read.rejection };
    return;
  }
  yield { lock: read.lock };
  const { found, skipped } = await findFolders({ directories: [root], folders }, signal);
  for (const { rejection } of skipped) yield { rejection };
  discovered();

  for (const folder of found) {
    signal?.throwIfAborted();
    // oxlint-disable-next-line no-await-in-loop -- in order, and abortable between folders
    yield stepOf(await verifyFolder(folder, { ...options, treeLimits }, store, read.lock, signal));
  }
  for (const { rejection } of missingFolders(folders, read.lock, [...found, ...skipped])) {
    if (rejection) yield { rejection };
  }
}

function stepOf(verdict: Verdict): GateStep {
  switch (verdict.kind) {
    case "admitted":
      return { admitted: verdict.plugin };
    case "awaiting": {
      const { plugin, digest, missing } = verdict.awaiting;
      return { rejection: { kind: "consent_required", plugin, digest, missing } };
    }
    case "refused": {
      const { rejection } = verdict.refused;
      if (rejection) return { rejection };
      throw new TypeError(`Cannot refuse "${verdict.refused.plugin}" without a rejection`);
    }
    default:
      return verdict satisfies never;
  }
}

/** What is told of a plugin that passed. */
export function verifiedOf({ manifest, tree, evidence }: AdmittedPlugin): VerifiedPlugin {
  return Object.freeze({
    id: manifest.name,
    version: manifest.version,
    digest: tree.digest,
    storePath: tree.path,
    fileList: tree.fileList,
    manifest,
    evidence: Object.freeze([evidence]),
  });
}
