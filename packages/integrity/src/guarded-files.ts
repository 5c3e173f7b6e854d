import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseFileList } from "@sigilrt/canonical";
import { hashBytes } from "./digest.ts";
import { IntegrityError } from "./integrity-error.ts";
import { ModuleRejectedError } from "./module-rejected-error.ts";
import type { ModuleRejection } from "./rejection.ts";

/** The listed files of one plugin, which give out their bytes only while they are the verified ones. */
export interface GuardedFiles {
  /** The folder, without links. */
  readonly root: string;
  /** The path of a `file:` URL below the root; `undefined` for any other URL. */
  pathOf(url: string | undefined): string | undefined;
  /** What the extension says a module is. @throws {@link ModuleRejectedError} for a file that no module may be */
  formatOf(path: string): string;
  /** @throws {@link ModuleRejectedError} when the path is not listed, or the bytes are not the verified ones */
  read(path: string): Uint8Array;
  /** Reports a refusal and throws it. */
  refuse(rejection: ModuleRejection): never;
}

interface GuardedFilesOptions {
  readonly plugin: string;
  readonly addons?: readonly string[];
  readonly onRejection?: (rejection: ModuleRejection) => void;
}

const formats: ReadonlyMap<string, string> = new Map([
  [".js", "module"],
  [".mjs", "module"],
  [".cjs", "commonjs"],
  [".json", "json"],
]);

/** No file of a tree is larger, so what is larger was not verified. */
const MAX_BYTES = 64 * 1_048_576;

/** @throws {@link IntegrityError} `IO` when the folder cannot be found */
export function openGuardedFiles(
  storePath: string,
  fileList: string,
  { plugin, addons = [], onRejection }: GuardedFilesOptions,
): GuardedFiles {
  const rows = parseFileList(new TextEncoder().encode(fileList));
  const listed = new Map<string, string>(rows.map(({ path, sha256 }) => [path, sha256]));
  const root = realRoot(storePath);

  const refuse = (rejection: ModuleRejection): never => {
    const frozen = Object.freeze(rejection);
    onRejection?.(frozen);
    throw new ModuleRejectedError(frozen);
  };
  const digestOf = (path: string): string =>
    listed.get(path) ?? refuse({ kind: "unlisted_file_loaded", plugin, path });

  return {
    root,
    refuse,
    pathOf(url) {
      if (url === undefined || !url.startsWith("file:")) return undefined;
      const path = relative(root, pathOfFileUrl(url));
      return path === "" || path === ".." || path.startsWith(`..${sep}`)
        ? undefined
        : path.replaceAll(sep, "/");
    },
    formatOf(path) {
      digestOf(path);
      const extension = extname(path);
      if (extension === ".node") {
        return addons.includes(path)
          ? "addon"
          : refuse({ kind: "addon_not_allowed", plugin, path });
      }
      const format = formats.get(extension);
      return format ?? refuse({ kind: "import_outside_plugin", plugin, specifier: path });
    },
    read(path) {
      const expected = digestOf(path);
      const bytes = readPlainFile(join(root, path));
      const actual = bytes && hashBytes(bytes);
      if (bytes !== undefined && actual === expected) return bytes;
      const found = actual === undefined ? {} : { actual };
      return refuse({ kind: "integrity_mismatch_at_load", plugin, path, expected, ...found });
    },
  };
}

function realRoot(storePath: string): string {
  try {
    return realpathSync(storePath);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown failure";
    throw new IntegrityError("IO", `Cannot guard "${storePath}": ${code}`, { cause });
  }
}

/** A URL that names no file, such as one with an escaped slash, names none below any root. */
function pathOfFileUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return sep;
  }
}

/** The bytes of a regular file that is no link; `undefined` when there is none, or one that is too large. */
function readPlainFile(path: string): Uint8Array | undefined {
  let handle: number;
  try {
    handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(handle);
    return stat.isFile() && stat.size <= MAX_BYTES ? readFileSync(handle) : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(handle);
  }
}
