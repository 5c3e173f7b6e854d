import { basename } from "node:path";
import { CapabilitySet, type Pattern } from "@sigilrt/capability";
import {
  applyVerifier,
  type Evidence,
  type LockedPlugin,
  type Lockfile,
  type PluginStore,
  readLockfile,
  type StoredTree,
  type TreeLimits,
} from "@sigilrt/integrity";
import {
  compareVersions,
  decideEngine,
  type Manifest,
  ManifestError,
  requestedCapabilities,
} from "@sigilrt/manifest";
import type { ConsentRecord } from "./consent.ts";
import type { ManagerErrorCode } from "./manager-error.ts";
import type { Settings } from "./options.ts";
import { type FoundFolder, type ReadManifest, readManifest } from "./read-folder.ts";
import type { PluginRejection } from "./rejection.ts";

/** A plugin whose bytes were confirmed and whose rights a person agreed to. It may run, from the store. */
export interface AdmittedPlugin {
  readonly manifest: Manifest;
  readonly tree: StoredTree;
  readonly requested: readonly Pattern[];
  readonly consent: ConsentRecord;
  readonly locked: LockedPlugin | undefined;
  readonly evidence: Evidence;
}

/** A plugin that was refused. */
export interface RefusedPlugin {
  /** Its name, or the folder's. */
  readonly plugin: string;
  /** Its folder. */
  readonly dir: string;
  /** What callers branch on. */
  readonly code: ManagerErrorCode;
  /** The refusal with its evidence; absent where the code says all. */
  readonly rejection?: PluginRejection;
  /** The same for people. */
  readonly message: string;
}

/** A plugin that waits for a person. */
export interface AwaitingPlugin {
  /** Its name. */
  readonly plugin: string;
  /** The digest that consent is needed for. */
  readonly digest: string;
  /** What it asks for. */
  readonly requested: readonly Pattern[];
  /** What of that no consent covers; all of it when there is none. */
  readonly missing: readonly Pattern[];
}

/** What the second gate says of one folder. */
export type Verdict =
  | { readonly kind: "admitted"; readonly plugin: AdmittedPlugin }
  | { readonly kind: "refused"; readonly refused: RefusedPlugin }
  | { readonly kind: "awaiting"; readonly awaiting: AwaitingPlugin };

/** What the second gate asks. */
export interface VerifySettings extends Pick<Settings, "verifier" | "consent"> {
  /** The runtime's version; without it only a plugin that accepts every runtime passes. */
  readonly engine?: string | undefined;
  readonly treeLimits?: Partial<TreeLimits> | undefined;
}

/** The lock, or why there is none to go by. */
export async function openLock(
  settings: Pick<Settings, "lockPath">,
): Promise<Lockfile | undefined | { readonly rejection: PluginRejection }> {
  if (settings.lockPath === undefined) return undefined;
  const outcome = await readLockfile(settings.lockPath);
  return outcome.ok ? outcome.lock : { rejection: outcome.rejection };
}

/**
 * The second gate for one folder: copies it into the store while hashing, and holds the copy against its own manifest, the
 * runtime, the lock, the verifier and the consent. No code of it runs.
 */
export async function verifyFolder(
  folder: FoundFolder,
  settings: VerifySettings,
  store: PluginStore,
  lock: Lockfile | undefined,
  signal: AbortSignal | undefined,
): Promise<Verdict> {
  const { dir } = folder;
  const id = basename(dir);
  const admitted = await store.admit(dir, {
    ...(settings.treeLimits ? { limits: settings.treeLimits } : {}),
    ...(signal ? { signal } : {}),
  });
  if (!admitted.ok) {
    const rejection = { ...admitted.rejection, plugin: id };
    const state = `its tree is refused: ${rejection.kind}`;
    return { kind: "refused", refused: refusal(id, dir, rejection, state) };
  }
  return verifyTree(admitted, dir, settings, store, lock, signal, folder);
}

/** The rest of the second gate, for a tree that is in the store. `dir` is where it came from; `known` spares parsing the same bytes twice. */
export async function verifyTree(
  admitted: StoredTree,
  dir: string,
  settings: VerifySettings,
  store: PluginStore,
  lock: Lockfile | undefined,
  signal: AbortSignal | undefined,
  known?: ReadManifest,
): Promise<Verdict> {
  const id = basename(dir);
  const refuse = (rejection: PluginRejection, state: string): Verdict => ({
    kind: "refused",
    refused: refusal(id, dir, rejection, state),
  });
  const manifest = await storedManifest(admitted, known);
  if (manifest instanceof ManifestError) {
    return refuse(
      { kind: "schema_violation", plugin: id, issues: manifest.issues },
      manifest.message,
    );
  }
  // The folder may have changed since the first gate; from here on the copy alone counts.
  if (manifest.name !== id) {
    return refuse(
      { kind: "manifest_id_mismatch", dir, id: manifest.name },
      "its manifest has another name",
    );
  }
  const acceptsAll = settings.engine === undefined && manifest.engine === "*";
  const engine = decideEngine(manifest, settings.engine ?? "unknown");
  if (!acceptsAll && !engine.supported) {
    const { code, message, engine: range, version: actual } = engine;
    const rejection = Object.freeze({ kind: "engine_unsupported", plugin: id, range, actual });
    return { kind: "refused", refused: { plugin: id, dir, code, rejection, message } };
  }
  const locked = lock && lockedEntry(lock, id);
  if (lock && !locked) {
    return refuse(
      { kind: "unlocked_plugin", plugin: id, dir },
      "the lock file does not name it; review and approve it",
    );
  }
  const moved = versionMoved(id, locked, manifest);
  if (moved) return refuse(moved, `version ${moved.actual} is not the locked ${moved.locked}`);

  const { digest } = admitted;
  const subject = { plugin: id, version: manifest.version, digest };
  const verification = await applyVerifier(
    settings.verifier,
    locked ? { ...subject, locked } : subject,
    signal ? { signal } : {},
  );
  if (!verification.ok) {
    return refuse(
      verification.rejection,
      `its bytes are not approved: ${verification.rejection.kind}`,
    );
  }
  await markProgram(store, admitted, manifest);
  return askConsent(settings, {
    manifest,
    tree: admitted,
    locked,
    evidence: verification.evidence,
  });
}

/** A refusal in the words of a report. */
export function refusal(
  plugin: string,
  dir: string,
  rejection: PluginRejection,
  state: string,
): RefusedPlugin {
  const code = rejection.kind === "duplicate_plugin" ? "DUPLICATE_NAME" : "VERIFICATION_FAILED";
  const message = `Cannot admit "${plugin}" of "${dir}": ${state}`;
  return Object.freeze({ plugin, dir, code, rejection: Object.freeze(rejection), message });
}

async function askConsent(
  settings: VerifySettings,
  verified: Omit<AdmittedPlugin, "requested" | "consent">,
): Promise<Verdict> {
  const { name } = verified.manifest;
  const requested = requestedCapabilities(verified.manifest).map(({ pattern }) => pattern);
  const { digest } = verified.tree;
  const consent = await settings.consent.find(name, digest, { requested });
  const agreed = CapabilitySet.from(consent?.capabilities ?? []);
  const missing = agreed.excess(CapabilitySet.from(requested));
  if (consent && missing.length === 0) {
    return { kind: "admitted", plugin: { ...verified, requested, consent } };
  }
  return { kind: "awaiting", awaiting: { plugin: name, digest, requested, missing } };
}

async function storedManifest(
  tree: StoredTree,
  known: ReadManifest | undefined,
): Promise<Manifest | ManifestError> {
  try {
    return (await readManifest(tree.path, known)).manifest;
  } catch (error) {
    if (error instanceof ManifestError) return error;
    throw error;
  }
}

function lockedEntry(lock: Lockfile, id: string): LockedPlugin | undefined {
  return Object.entries<LockedPlugin>(lock.plugins).find(([name]) => name === id)?.[1];
}

function versionMoved(
  plugin: string,
  locked: LockedPlugin | undefined,
  { version: actual }: Manifest,
): (PluginRejection & { readonly locked: string; readonly actual: string }) | undefined {
  const version = locked?.version;
  if (version === undefined || version === actual) return undefined;
  const isOlder = (compareVersions(actual, version) ?? -1) < 0;
  const kind = isOlder ? "rollback_detected" : "version_mismatch";
  return { kind, plugin, locked: version, actual };
}

const runtimes = new Set(["node", "python3"]);

/** A program of the tree gets its mode from the manifest, which the digest covers, never from the folder it came from. */
export async function markProgram(
  store: PluginStore,
  tree: StoredTree,
  { entry }: Manifest,
): Promise<void> {
  const program = entry && "command" in entry ? entry.command[0] : undefined;
  const listed = program !== undefined && tree.fileList.includes(`  ${program}\n`);
  if (listed && !runtimes.has(program)) await store.makeExecutable(tree.digest, [program]);
}
