import { parsePattern } from "@sigilrt/capability";
import { adaptersOf } from "./entry-rules.ts";
import type { DeclaredSecret, Manifest, StorageCollection, StorageVolume } from "./manifest.ts";
import type { ManifestIssue } from "./manifest-error.ts";
import { parseDuration, parseSize } from "./quantity.ts";
import type { ManifestInput } from "./schema.ts";
import { type PluginAdapter, PLUGIN_ADAPTERS } from "./vocabulary.ts";

type Entry<T> = readonly T[] | null | undefined;

/** Applies defaults and units to a manifest that has passed every check. */
export function buildManifest(input: ManifestInput, warnings: readonly ManifestIssue[]): Manifest {
  const { execution, lifecycle, health } = input;
  const sandbox = execution.sandbox;
  return deepFreeze({
    name: input.name,
    version: input.version,
    type: input.type,
    engine: input.engine ?? "*",
    ...present("description", input.description),
    ...present("license", input.license),
    capabilities: patternsOf(input.capabilities).map(({ pattern }) => parsePattern(pattern)),
    denyCapabilities: patternsOf(input.deny_capabilities).map(({ pattern }) =>
      parsePattern(pattern),
    ),
    rationale: rationaleOf([
      ...patternsOf(input.deny_capabilities),
      ...patternsOf(input.capabilities),
    ]),
    ...present("tools", input.tools?.map(toolOf)),
    adapter: input.adapter ?? defaultAdapter(execution.tier),
    ...present("entry", entryOf(input.entry)),
    env: withoutPrototype(input.env ?? {}),
    secrets: (input.secrets ?? []).map(secretOf),
    execution: {
      tier: execution.tier,
      ...present("image", execution.image),
      network: networkOf(execution.network),
      sandbox: {
        filesystem: {
          writeAllow: sandbox?.filesystem?.write_allow ?? [],
          readDeny: sandbox?.filesystem?.read_deny ?? [],
        },
        network: {
          allow: sandbox?.network?.allow ?? [],
          proxy: sandbox?.network?.proxy ?? true,
        },
      },
    },
    resources: resourcesOf(input),
    health: healthOf(health),
    ...present("configSchema", input.config_schema),
    dependencies: withoutPrototype(input.dependencies ?? {}),
    lifecycle: {
      hotReload: lifecycle?.hot_reload ?? false,
      gracefulShutdownTimeoutMs: parseDuration(lifecycle?.graceful_shutdown_timeout || "10s"),
      scope: lifecycle?.scope ?? "user",
      maxInstances: lifecycle?.max_instances ?? 4,
      idleStopMs: parseDuration(lifecycle?.idle_stop ?? "5m"),
    },
    ...present("selfTest", selfTestOf(input.self_test)),
    storage: storageOf(input.storage),
    warnings,
  });
}

function patternsOf(
  entries: Entry<
    string | { readonly pattern: string; readonly description?: string | null | undefined }
  >,
): readonly { readonly pattern: string; readonly description?: string | null | undefined }[] {
  return (entries ?? []).map((entry) => (typeof entry === "string" ? { pattern: entry } : entry));
}

function rationaleOf(entries: ReturnType<typeof patternsOf>): Readonly<Record<string, string>> {
  return withoutPrototype(
    Object.fromEntries(
      entries.flatMap(({ pattern, description }) => (description ? [[pattern, description]] : [])),
    ),
  );
}

function toolOf(
  tool: string | { readonly name: string; readonly description?: string | null | undefined },
): { readonly name: string; readonly description?: string } {
  return typeof tool === "string"
    ? { name: tool }
    : { name: tool.name, ...present("description", tool.description) };
}

function defaultAdapter(tier: string): PluginAdapter {
  const [first] = adaptersOf[tier] ?? [];
  return PLUGIN_ADAPTERS.find((adapter) => adapter === first) ?? "grpc";
}

function entryOf(entry: ManifestInput["entry"]): Manifest["entry"] | undefined {
  if (entry?.module) return { module: entry.module };
  const command = entry?.command && nonEmpty(entry.command);
  return command ? { command } : undefined;
}

function nonEmpty(list: readonly string[]): readonly [string, ...string[]] | undefined {
  const [first, ...rest] = list;
  return first === undefined ? undefined : [first, ...rest];
}

const networkOf = (network: string | null | undefined): "none" | "restricted" | "host" =>
  network === "restricted" || network === "host" ? network : "none";

function resourcesOf({ resources, execution }: ManifestInput): Manifest["resources"] {
  const timeouts = resources?.timeouts;
  const callMs = parseDuration(timeouts?.call ?? "60s");
  return {
    memoryBytes: parseSize(resources?.memory ?? execution.memory_limit ?? "256Mi"),
    cpu: resources?.cpu ?? 1,
    pids: resources?.pids ?? 64,
    ...present("fuel", resources?.fuel),
    concurrency: resources?.concurrency ?? 16,
    maxResultBytes: parseSize(resources?.max_result ?? "4Mi"),
    timeouts: {
      startMs: parseDuration(timeouts?.start ?? "30s"),
      callMs,
      // A default never contradicts what was written.
      idleMs: timeouts?.idle ? parseDuration(timeouts.idle) : Math.min(30_000, callMs),
    },
  };
}

function healthOf(health: ManifestInput["health"]): Manifest["health"] {
  const intervalMs = parseDuration(health?.interval ?? "30s");
  const timeoutMs = health?.timeout ? parseDuration(health.timeout) : 5_000;
  return {
    intervalMs,
    timeoutMs:
      health?.timeout || intervalMs === 0 ? timeoutMs : Math.min(timeoutMs, intervalMs / 2),
    failures: health?.failures ?? 3,
  };
}

function selfTestOf(test: ManifestInput["self_test"]): Manifest["selfTest"] | undefined {
  if (!test) return undefined;
  const command = test.command ? nonEmpty(test.command) : undefined;
  return { imports: test.imports ?? [], ...present("command", command) };
}

function storageOf(storage: ManifestInput["storage"]): Manifest["storage"] {
  return {
    kv: storage?.kv ?? false,
    volumes: (storage?.volumes ?? []).map(volumeOf),
    collections: (storage?.memory?.collections ?? []).map(collectionOf),
  };
}

type Item<T> = NonNullable<T> extends readonly (infer I)[] ? I : never;
type SecretInput = Item<ManifestInput["secrets"]>;
type VolumeInput = Item<NonNullable<ManifestInput["storage"]>["volumes"]>;
type CollectionInput = Item<
  NonNullable<NonNullable<ManifestInput["storage"]>["memory"]>["collections"]
>;

function secretOf({ name, env, description, required }: SecretInput): DeclaredSecret {
  return {
    name,
    ...present("env", env),
    ...present("description", description),
    required: required ?? true,
  };
}

function volumeOf({ name, mount, size_limit: limit, persist }: VolumeInput): StorageVolume {
  const sizeLimitBytes = limit === null || limit === undefined ? undefined : parseSize(limit);
  return { name, mount, ...present("sizeLimitBytes", sizeLimitBytes), persist: persist ?? true };
}

function collectionOf(collection: CollectionInput): StorageCollection {
  return {
    name: collection.name,
    ...present("embeddingModel", collection.embedding_model),
    ...present("maxEntries", collection.max_entries),
  };
}

/** One member, or none when the value is absent. */
function present<K extends string, T>(
  key: K,
  value: T | null | undefined,
): { readonly [key in K]?: T } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a computed key widens to string
  return (value === null || value === undefined ? {} : { [key]: value }) as { [key in K]?: T };
}

function withoutPrototype(members: Readonly<Record<string, string>>): Record<string, string> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.create is typed any
  return Object.assign(Object.create(null) as Record<string, string>, members);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
