import { guardModules, type ModuleGuard, type ModuleRejection } from "@sigilrt/integrity";
import type { VerifiedPlugin } from "./inspect-plugins.ts";
import type { ImportPlugin } from "./load-plugins.ts";

/** What plugins in this process may import besides their own files. */
export interface ModuleImporterOptions {
  /** Built-in modules, such as `node:path`; none. */
  readonly builtins?: readonly string[];
  /** Bare specifiers, and the module each stands for: a `file:` URL or a `node:` name; none. */
  readonly packages?: Readonly<Record<string, string>>;
  /** Hears of everything that the guard refused, also what a plugin kept to itself. */
  readonly onRejection?: (rejection: ModuleRejection) => void;
}

/** Imports plugins into this process, each under a guard that stays while the importer does. */
export interface ModuleImporter extends Disposable {
  /** For {@link loadPlugins}. The module is the script of `entry.command: [node, <script>]`, in the store. */
  readonly importPlugin: ImportPlugin;
}

/**
 * Makes an importer for plugins that the gateway runs with its own rights. What the engine gets is the bytes that were verified; nothing
 * contains them. Dispose of it when the plugins are gone.
 */
export function createModuleImporter(options: ModuleImporterOptions = {}): ModuleImporter {
  const guards = new Map<string, ModuleGuard>();
  return {
    async importPlugin(plugin) {
      const { id, digest, storePath, fileList } = plugin;
      const script = scriptOf(plugin);
      const guard =
        guards.get(digest) ?? guardModules(storePath, fileList, { ...options, plugin: id });
      guards.set(digest, guard);
      return guard.import(script);
    },
    [Symbol.dispose]() {
      for (const guard of guards.values()) guard[Symbol.dispose]();
      guards.clear();
    },
  };
}

function scriptOf({ manifest: { entry } }: VerifiedPlugin): string {
  const [runtime, script, ...rest] = entry && "command" in entry ? entry.command : [];
  if (runtime === "node" && script !== undefined && rest.length === 0) return script;
  throw new TypeError('its entry is no module of this process: write command: ["node", <script>]');
}
