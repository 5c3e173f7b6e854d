import type { PluginStore, Surface } from "@sigilrt/integrity";
import {
  LifecycleError,
  PluginInstance,
  type RunningPlugin,
  type StartSpec,
} from "@sigilrt/lifecycle";
import { secretObstacle, withSecrets } from "./deliver-secrets.ts";
import { ManagerError } from "./manager-error.ts";
import type { Settings } from "./options.ts";
import { countState, startPhases } from "./observe-start.ts";
import { SurfaceNotices } from "./surface-notices.ts";
import { compareSurface, visibleSurface } from "./surface.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** A plugin that runs, with the surface it was held to. */
export interface StartedInstance {
  readonly instance: PluginInstance;
  readonly running: RunningPlugin;
  readonly surface: Surface;
  /** When it took its first call, in milliseconds since the epoch. */
  readonly runningSince: number;
  /** What it says of changes of its tools. */
  readonly notices: SurfaceNotices;
}

/** Which instance of a plugin is to be started. */
export interface StartKey {
  readonly epoch: number;
  readonly slot: number;
  readonly workspace?: string;
  readonly user?: string;
}

/** Adapters whose contract serves tools alone. */
const toolsOnly = new Set(["mcp-stdio", "component", "module"]);

/**
 * Starts one instance from the store: checks the stored bytes again, starts the host, and holds what the plugin offers against
 * what was approved. When it fails, nothing of it is left.
 *
 * @throws {@link ManagerError}
 */
export async function startInstance(
  plugin: AdmittedPlugin,
  key: StartKey,
  settings: Settings,
  store: PluginStore,
  seen: Surface | undefined,
  signal: AbortSignal,
): Promise<StartedInstance> {
  const { manifest } = plugin;
  const { name, version } = manifest;
  const { digest } = plugin.tree;
  const instance = new PluginInstance(
    { plugin: name, version, digest, ...key },
    { clock: settings.clock, onTransition: (move) => countState(move, name, settings.telemetry) },
  );
  const phases = startPhases(name, settings);
  instance.transitionTo("validating");
  try {
    const host = hostFor(plugin, settings);
    const root = await phases.during("verify", () => openTree(plugin, store));
    instance.transitionTo("loading");
    const notices = new SurfaceNotices();
    const bare = { ...specFor(plugin, root, instance), onSurfaceChanged: () => notices.tell() };
    const spec = await withSecrets(bare, manifest, settings.secrets, signal);
    const id = `${name}-${key.epoch}`;
    const running = await phases.during("start", () => host.start(id, spec, { signal }));
    try {
      const surface = await phases.during("describe", () =>
        checkedSurface(plugin, running, seen, signal),
      );
      await settings.audit.append([
        {
          action: "plugin.started",
          actor: "system:manager",
          plugin: name,
          ...(key.workspace === undefined ? {} : { workspace: key.workspace }),
          result: "ok",
          reason: "ok",
          detail: { digest, epoch: key.epoch },
        },
      ]);
      instance.transitionTo("running");
      phases.end();
      const runningSince = settings.clock.now();
      return { instance, running, surface, runningSince, notices };
    } catch (error) {
      await running.close({ graceMs: 0 });
      throw error;
    }
  } catch (cause) {
    instance.transitionTo("error", { reason: "not started", cause });
    phases.end("failed");
    throw cause instanceof ManagerError ? cause : startFailure(plugin, cause);
  }
}

/**
 * The host that may start a plugin.
 *
 * @throws {@link ManagerError} when no host serves it, or it needs what this version does not deliver
 */
export function hostFor(
  { manifest }: Pick<AdmittedPlugin, "manifest">,
  { hosts, secrets, storage }: Pick<Settings, "hosts" | "secrets" | "storage">,
): Settings["hosts"][string] {
  const { name, adapter, type } = manifest;
  const { tier } = manifest.execution;
  const refuse = (code: ManagerError["code"], state: string): never => {
    throw new ManagerError(code, `Cannot start "${name}": ${state}`, { plugin: name });
  };
  if (!manifest.entry) return refuse("ENTRY_MISSING", "its manifest has no entry");
  if (toolsOnly.has(adapter) && (type === "channel" || type === "provider")) {
    return refuse("TYPE_UNSUPPORTED", `adapter ${adapter} serves no ${type}`);
  }
  const { kv, volumes, collections } = manifest.storage;
  if ((kv && !storage.includes("kv")) || volumes.length > 0 || collections.length > 0) {
    return refuse("STORAGE_UNAVAILABLE", "no provider for the storage it declares is configured");
  }
  const obstacle = secretObstacle(manifest, secrets);
  if (obstacle !== undefined) return refuse("START_FAILED", obstacle);
  const host = tier === "container" || !Object.hasOwn(hosts, adapter) ? undefined : hosts[adapter];
  return (
    host ??
    refuse("TIER_UNAVAILABLE", `no runner for tier ${tier} is configured (adapter ${adapter})`)
  );
}

/** Time stamps are no evidence: what was verified at admission is hashed again before it runs. */
async function openTree({ manifest, tree }: AdmittedPlugin, store: PluginStore): Promise<string> {
  const opened = await store.open(tree.digest);
  if (opened.ok) return opened.path;
  const { name } = manifest;
  const message = `Cannot start "${name}": its stored tree is ${opened.reason}; discover it again`;
  if (!opened.actual) throw new ManagerError("VERIFICATION_FAILED", message, { plugin: name });
  const rejection = {
    kind: "integrity_mismatch",
    plugin: name,
    expected: [opened.expected],
    actual: opened.actual,
  } as const;
  throw new ManagerError("VERIFICATION_FAILED", message, { plugin: name, rejection });
}

/** What a host is told: the plugin's limits, and the rights it is started with. */
export function specFor(
  { manifest, requested }: Pick<AdmittedPlugin, "manifest" | "requested">,
  root: string,
  { identity }: Pick<PluginInstance, "identity">,
): StartSpec {
  const { resources, execution } = manifest;
  const { startMs, callMs, idleMs } = resources.timeouts;
  return {
    identity,
    adapter: manifest.adapter,
    tier: execution.tier,
    root,
    // hostFor has refused a manifest without entry.
    entry: manifest.entry ?? { module: "" },
    environment: manifest.env,
    config: {},
    secrets: {},
    grants: {
      allow: requested,
      deny: manifest.denyCapabilities,
      readDeny: execution.sandbox.filesystem.readDeny,
    },
    limits: {
      memoryBytes: resources.memoryBytes,
      cpu: resources.cpu,
      pids: resources.pids,
      ...(resources.fuel === undefined ? {} : { fuel: resources.fuel }),
      maxResultBytes: resources.maxResultBytes,
      startMs,
      callMs,
      idleMs,
    },
  };
}

/**
 * Asks a plugin for its tools and holds them against what was approved, and against what it showed before.
 *
 * @throws {@link ManagerError} `SURFACE_CHANGED` when they are others, `TYPE_UNSUPPORTED`
 */
export async function checkedSurface(
  plugin: AdmittedPlugin,
  running: RunningPlugin,
  seen: Surface | undefined,
  signal: AbortSignal,
): Promise<Surface> {
  const { name, type } = plugin.manifest;
  const offered =
    type === "channel" || type === "provider" ? { tools: [] } : await running.describe({ signal });
  const surface = visibleSurface(plugin, offered);
  if (type === "skill" && surface.tools.length === 0) {
    const message = `Cannot start "${name}": a skill is served as its tools, and it offers none`;
    throw new ManagerError("TYPE_UNSUPPORTED", message, { plugin: name });
  }
  const rejection = compareSurface(plugin, surface, seen);
  if (rejection) {
    const message = `Cannot run "${name}": its tools are not the approved ones; review and approve the difference`;
    throw new ManagerError("SURFACE_CHANGED", message, { plugin: name, rejection });
  }
  return surface;
}

/** Why a plugin did not start, for whoever asked for it. */
export function startFailure(
  { manifest }: Pick<AdmittedPlugin, "manifest">,
  cause: unknown,
): ManagerError {
  const { name: plugin, entry } = manifest;
  const isHostError = cause instanceof LifecycleError;
  const code =
    isHostError && cause.code === "TYPE_UNSUPPORTED" ? "TYPE_UNSUPPORTED" : "START_FAILED";
  const detail = cause instanceof Error ? cause.message : "unknown failure";
  const rejection = {
    kind: "plugin_import_error",
    plugin,
    module: entry && "module" in entry ? entry.module : (entry?.command.join(" ") ?? ""),
    errorName: cause instanceof Error ? cause.name : typeof cause,
    detail,
  } as const;
  return new ManagerError(code, `Cannot start "${plugin}": ${detail}`, {
    cause,
    plugin,
    rejection,
  });
}
