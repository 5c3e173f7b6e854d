import { registerHooks, type ResolveFnOutput } from "node:module";
import { isAbsolute, join } from "node:path";
import { pathToFileURL } from "node:url";
import { openGuardedFiles } from "./guarded-files.ts";
import { IntegrityError } from "./integrity-error.ts";
import type { ModuleRejection } from "./rejection.ts";

/** What a guarded plugin may load besides its own files. */
export interface GuardOptions {
  /** The plugin's name, for rejections. */
  readonly plugin: string;
  /** Built-in modules by their full name, such as `node:path`; none. `node:module` and `node:worker_threads` would undo the guard and are refused. */
  readonly builtins?: readonly string[];
  /** Bare specifiers, and the module each stands for: a `file:` URL or a `node:` name chosen by the gateway; none. */
  readonly packages?: Readonly<Record<string, string>>;
  /** Native addons by path. Their bytes are hashed, and read once more by the system's loader, which nothing guards; none. */
  readonly addons?: readonly string[];
  /** Hears of every refusal, also of one that the plugin catches. */
  readonly onRejection?: (rejection: ModuleRejection) => void;
}

/** Guards a plugin's modules until it is disposed of. Keep it away from the plugin. */
export interface ModuleGuard extends Disposable {
  /**
   * Imports a module of the plugin.
   *
   * @throws {@link ModuleRejectedError} when it, or a module that it imports, is refused
   * @throws {@link IntegrityError} `IO` when another loader than Node's answered, as some test runners do: the module ran, and the guard
   * did not see it
   */
  import(path: string): Promise<unknown>;
  /**
   * The bytes of a file, hashed when they are read: the way to data, since reading with `fs` is not guarded.
   *
   * @throws {@link ModuleRejectedError} when it is not listed or has changed
   */
  asset(path: string): Uint8Array;
}

/** Modules that load others past the guard. */
const UNDOING = new Set(["node:module", "node:worker_threads"]);

/**
 * Guards the modules of a plugin that runs in this process: what the engine gets is the buffer that was hashed. Within the plugin a
 * relative specifier names a listed file in full; everything else resolves by `builtins` and `packages` alone. The extension says what
 * a file is (`.js` and `.mjs` a module, `.cjs`, `.json`), so `package.json` has no say. Install it before any code of the plugin is imported.
 *
 * It is no containment: a plugin in this process has the process's rights. Worker threads do not inherit it.
 *
 * @param storePath - the folder of the verified tree
 * @param fileList - the text of its file list, from the store that verified it
 * @throws TypeError for a built-in that would undo the guard
 * @throws {@link IntegrityError} `IO` when the folder cannot be found
 * @throws CanonicalError `FILE_LIST_MALFORMED`
 */
export function guardModules(
  storePath: string,
  fileList: string,
  options: GuardOptions,
): ModuleGuard {
  const { plugin, builtins = [], packages = {} } = options;
  const undoing = [...builtins, ...Object.values(packages)].find((name) => UNDOING.has(name));
  if (undoing !== undefined) {
    throw new TypeError(`Cannot guard "${plugin}": with ${undoing} it would load past the guard`);
  }
  const files = openGuardedFiles(storePath, fileList, options);
  const asked = new Set<string>();
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      // A listed file is taken by its name and never by where a link leads.
      const direct = files.pathOf(asUrl(specifier));
      const isWithin = files.pathOf(context.parentURL) !== undefined;
      if (isWithin) return resolveWithin(specifier, context.parentURL, next);
      return direct === undefined
        ? next(specifier)
        : guarded(asUrl(specifier) ?? specifier, direct);
    },
    load(url, context, next) {
      const path = files.pathOf(url);
      if (path === undefined) return next(url, context);
      const format = files.formatOf(path);
      const source = files.read(path);
      return format === "addon" ? next(url, context) : { format, source, shortCircuit: true };
    },
  });

  function resolveWithin(
    specifier: string,
    parent: string | undefined,
    next: (specifier: string) => ResolveFnOutput,
  ): ResolveFnOutput {
    if (specifier.startsWith("./") || specifier.startsWith("../")) {
      const url = URL.parse(specifier, parent)?.href;
      const path = files.pathOf(url);
      if (url !== undefined && path !== undefined) return guarded(url, path);
    }
    if (builtins.includes(specifier)) return next(specifier);
    const mapped = Object.hasOwn(packages, specifier) ? packages[specifier] : undefined;
    if (mapped !== undefined) return next(mapped);
    return files.refuse({ kind: "import_outside_plugin", plugin, specifier });
  }

  function guarded(url: string, path: string): ResolveFnOutput {
    asked.add(path);
    return { url, format: files.formatOf(path), shortCircuit: true };
  }
  return {
    async import(path) {
      const module: unknown = await import(pathToFileURL(join(files.root, path)).href);
      if (asked.has(path)) return module;
      const state = "another loader than Node's answered the import, as in some test runners";
      throw new IntegrityError("IO", `Cannot guard "${plugin}": ${state}; "${path}" ran unguarded`);
    },
    asset: (path) => files.read(path),
    [Symbol.dispose]: () => hooks.deregister(),
  };
}

function asUrl(specifier: string): string | undefined {
  return isAbsolute(specifier) ? pathToFileURL(specifier).href : URL.parse(specifier)?.href;
}
