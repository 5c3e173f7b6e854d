import type { Pattern } from "@sigilrt/capability";
import { basename } from "node:path";
import type { PluginStore, Surface } from "@sigilrt/integrity";
import type { PluginHost } from "@sigilrt/lifecycle";
import { type Manifest, requestedCapabilities } from "@sigilrt/manifest";
import { standIns, withSecrets } from "./deliver-secrets.ts";
import { readManifest } from "./read-folder.ts";
import { hostFor, specFor, startFailure } from "./start.ts";
import { visibleSurface } from "./surface.ts";
import { markProgram } from "./verify.ts";
import { ManagerError } from "./manager-error.ts";

/** How a plugin is looked at. */
export interface ExaminePluginOptions {
  /** Where its bytes are copied to, and run from. */
  readonly store: PluginStore;
  /** Hosts by adapter. */
  readonly hosts: Readonly<Record<string, PluginHost>>;
  /** `none` starts it with no right beyond its own folder; `declared` with all that it asks for, which nobody has approved yet. */
  readonly rights: "none" | "declared";
  /** Ends the work. */
  readonly signal?: AbortSignal;
}

/** What a plugin asks for and offers. All of it is the plugin's own word. */
export interface ExaminedPlugin {
  /** Its manifest. */
  readonly manifest: Manifest;
  /** The digest of the bytes that were looked at. */
  readonly digest: string;
  /** What it asks for. */
  readonly requested: readonly Pattern[];
  /** What it says about itself; what a person reviews, and what is pinned. */
  readonly surface: Surface;
}

/**
 * Starts the plugin in a folder once for a review, asks what it offers, and stops it. It takes part in nothing: no grant is registered, no
 * call is possible, and a text without meaning stands in for each secret. A channel or a provider is not started, since it offers no tools.
 *
 * @throws {@link ManagerError} when its tree is refused, or it does not start or answer; ManifestError when its manifest has a fault;
 * IntegrityError when it cannot be read or stored
 */
export async function examinePlugin(
  root: string,
  { store, hosts, rights, signal = AbortSignal.timeout(60_000) }: ExaminePluginOptions,
): Promise<ExaminedPlugin> {
  const tree = await store.admit(root, { signal });
  if (!tree.ok) {
    const rejection = { ...tree.rejection, plugin: basename(root) };
    const message = `Cannot examine "${root}": its tree is refused: ${tree.rejection.kind}`;
    throw new ManagerError("VERIFICATION_FAILED", message, { rejection });
  }
  const { manifest } = await readManifest(tree.path);
  await markProgram(store, tree, manifest);
  const requested = requestedCapabilities(manifest).map(({ pattern }) => pattern);
  const plugin = { manifest, requested };
  const examined = (surface: Surface): ExaminedPlugin =>
    Object.freeze({ manifest, digest: tree.digest, requested, surface });
  if (manifest.type === "channel" || manifest.type === "provider") {
    return examined({ capabilities: requested, hooks: [], tools: [] });
  }
  const host = hostFor(plugin, { hosts, secrets: standIns, storage: ["kv"] });
  const { name, version } = manifest;
  const { digest } = tree;
  const identity = { plugin: name, version, digest, epoch: 0, slot: 0, user: "system:review" };
  const started = { manifest, requested: rights === "none" ? [] : requested };
  try {
    const bare = specFor(started, tree.path, { identity });
    const spec = await withSecrets(bare, manifest, standIns, signal);
    await using running = await host.start(`${name}-review`, spec, { signal });
    return examined(visibleSurface(plugin, await running.describe({ signal })));
  } catch (cause) {
    throw cause instanceof ManagerError ? cause : startFailure(plugin, cause);
  }
}
