import { lockDigest, type Lockfile, ModuleRejectedError } from "@sigilrt/integrity";
import {
  type InspectPluginsOptions,
  passGates,
  type VerifiedPlugin,
  verifiedOf,
} from "./inspect-plugins.ts";
import { draftOf, type PluginModule } from "./registration.ts";
import type { PluginRegistry, RegisteredPlugin } from "./registry.ts";
import type { PluginRejection } from "./rejection.ts";
import { compareSurface } from "./surface.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** What all four gates need. */
export interface LoadPluginsOptions extends InspectPluginsOptions {
  /** What is replaced, in one step, when every plugin has passed. Nothing else is written to. */
  readonly registry: PluginRegistry;
  /** Imports a verified plugin from the store. It is a power: what it imports runs in this process. */
  readonly importPlugin: ImportPlugin;
}

/** Imports a plugin's module from its store path and answers what it exports: a {@link PluginModule}, which is checked. */
export type ImportPlugin = (
  plugin: VerifiedPlugin,
  options: {
    /** Ends the work. */
    readonly signal: AbortSignal | undefined;
  },
) => Promise<unknown>;

/** What was loaded. */
export interface LoadReport {
  /** The plugins, by name. */
  readonly plugins: readonly Omit<VerifiedPlugin, "manifest" | "fileList">[];
  /** SHA-256 of the lock in its written form, `sha256:` and hex. */
  readonly lockDigest: string;
  /** Milliseconds of each gate. */
  readonly milliseconds: Readonly<Record<"discover" | "verify" | "import" | "register", number>>;
}

/** All plugins were loaded, or the first thing that stopped it. */
export type LoadOutcome =
  | {
      /** All are registered. */
      readonly ok: true;
      /** What was loaded. */
      readonly report: LoadReport;
    }
  | {
      /** The registry is as it was. */
      readonly ok: false;
      /** The first refusal. */
      readonly rejection: PluginRejection;
    };

/**
 * Loads every plugin of a folder into this process, or none: discover, verify all, import all, register. The first refusal ends it, later
 * gates do not begin, and the registry is then the same object with the same content.
 *
 * @throws {@link IntegrityError} for what could not be decided
 */
export async function loadPlugins(root: string, options: LoadPluginsOptions): Promise<LoadOutcome> {
  const { clock = Date, signal, registry } = options;
  const marks = [clock.now()];

  const gates = passGates(root, options, () => marks.push(clock.now()));
  const admitted: AdmittedPlugin[] = [];
  let lock: Lockfile | undefined;
  for await (const step of gates) {
    if ("rejection" in step) return refuse(step.rejection);
    if ("lock" in step) lock = step.lock;
    else admitted.push(step.admitted);
  }
  if (!lock) throw new TypeError("Cannot load plugins: the gates ended without a lock");
  marks.push(clock.now());

  const modules: [AdmittedPlugin, PluginModule][] = [];
  for (const plugin of admitted) {
    // oxlint-disable-next-line no-await-in-loop -- in order: the first that fails is the answer
    const imported = await importOne(plugin, options);
    if ("rejection" in imported) return refuse(imported.rejection);
    modules.push([plugin, imported.module]);
  }
  marks.push(clock.now());

  const content = new Map<string, RegisteredPlugin>();
  for (const [plugin, module] of modules) {
    // oxlint-disable-next-line no-await-in-loop -- as above
    const drafted = await registerOne(plugin, module, signal);
    if ("rejection" in drafted) return refuse(drafted.rejection);
    content.set(plugin.manifest.name, drafted.registered);
  }
  signal?.throwIfAborted();
  registry.replace(content);
  marks.push(clock.now());
  const spent = (gate: number): number => (marks[gate + 1] ?? 0) - (marks[gate] ?? 0);
  const report: LoadReport = Object.freeze({
    plugins: admitted
      .map(verifiedOf)
      .map(({ manifest: _manifest, fileList: _fileList, ...shown }) => Object.freeze(shown)),
    lockDigest: lockDigest(lock),
    milliseconds: {
      discover: spent(0),
      verify: spent(1),
      import: spent(2),
      register: spent(3),
    },
  });
  return Object.freeze({ ok: true, report });
}

const refuse = (rejection: PluginRejection): LoadOutcome =>
  Object.freeze({ ok: false, rejection: Object.freeze(rejection) });

async function importOne(
  plugin: AdmittedPlugin,
  { importPlugin, signal }: LoadPluginsOptions,
): Promise<{ readonly module: PluginModule } | { readonly rejection: PluginRejection }> {
  try {
    const verified = verifiedOf(plugin);
    const module = await abortable(signal, () => importPlugin(verified, { signal }));
    if (isPluginModule(module)) return { module };
    throw new TypeError("its module exports no function register");
  } catch (error) {
    return { rejection: importFailure(plugin, error, signal) };
  }
}

const isPluginModule = (module: unknown): module is PluginModule =>
  typeof module === "object" &&
  module !== null &&
  "register" in module &&
  typeof module.register === "function";

async function registerOne(
  plugin: AdmittedPlugin,
  module: PluginModule,
  signal: AbortSignal | undefined,
): Promise<{ readonly registered: RegisteredPlugin } | { readonly rejection: PluginRejection }> {
  try {
    const draft = await abortable(signal, () => draftOf(module, plugin));
    if (!draft.ok) return draft;
    const changed = compareSurface(plugin, draft.surface, undefined);
    return changed ? { rejection: changed } : draft;
  } catch (error) {
    return { rejection: importFailure(plugin, error, signal) };
  }
}

function importFailure(
  { manifest, tree }: AdmittedPlugin,
  error: unknown,
  signal: AbortSignal | undefined,
): PluginRejection {
  signal?.throwIfAborted();
  if (error instanceof ModuleRejectedError) return error.rejection;
  const { name: errorName, message: detail } = error instanceof Error ? error : new Error("");
  const module = manifest.entry && "command" in manifest.entry ? manifest.entry.command.at(-1) : "";
  return {
    kind: "plugin_import_error",
    plugin: manifest.name,
    module: module ?? "",
    errorName,
    detail: detail.replaceAll(tree.path, "").slice(0, 500),
  };
}

async function abortable<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (!signal) return work();
  signal.throwIfAborted();
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work(), stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
