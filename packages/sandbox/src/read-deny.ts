import { type PathDenial } from "./denials.ts";
import { holds } from "./grants.ts";
import { type Mask } from "./mount.ts";
import { isBelow, isWithin, parseGlob, type PathGlob } from "./paths.ts";
import { quoted } from "./quoted.ts";
import { SandboxError } from "./sandbox-error.ts";

/** Folders of the sandbox that a mask can lie in without any grant. */
export interface VisibleFolders {
  /** Inside path → host path; a file where only the program itself is bound. */
  readonly code: { readonly target: string; readonly source: string };
  readonly data: { readonly target: string; readonly source: string } | undefined;
}

/** What `readDeny` says, split into what hides grants and what hides the rest. */
export interface ReadDeny {
  readonly denials: readonly PathDenial[];
  readonly masks: readonly Mask[];
  /** Whether the plugin's own directory is denied as a whole. */
  readonly hidesData: boolean;
}

const home = "/home/plugin";
const libraries = ["/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64"];
const shells = ["/bin/sh", "/usr/bin/sh", "/bin/env", "/usr/bin/env"];
const optional = ["/usr/share/zoneinfo", "/usr/share/ca-certificates", "/etc/ssl/certs"];
const maxEntries = 10_000;

/**
 * Reads the paths that stay hidden although something around them is visible. `~/` is the sandbox's home.
 * @throws {SandboxError} PATH_REFUSED, GRANT_NOT_EXPRESSIBLE, POLICY_REFUSED for what every program needs
 */
export function parseReadDeny(entries: readonly string[], visible: VisibleFolders): ReadDeny {
  if (entries.length > maxEntries) {
    throw new SandboxError(
      "POLICY_REFUSED",
      `Cannot read readDeny: ${entries.length} entries; at most ${maxEntries} are read`,
    );
  }
  const globs = entries.map((entry) => parseEntry(entry, visible));
  const { data } = visible;
  return {
    denials: globs.flatMap(denialsOf),
    masks: globs.flatMap((glob) => masksOf(glob, visible)),
    hidesData: data !== undefined && globs.some((glob) => hidesFolder(glob, data.target)),
  };
}

function parseEntry(entry: string, visible: VisibleFolders): PathGlob {
  // "~user" would be the home of a user of the host.
  const absolute = entry.startsWith("~/") ? `${home}${entry.slice(1)}` : entry;
  if (absolute === "/*") refuse(entry, "nothing would be left to run");
  const glob = parseGlob(absolute, "the denied path");
  for (const needed of [visible.code.target, ...libraries, ...shells]) {
    if (hidesFolder(glob, needed)) refuse(entry, `every program needs ${quoted(needed)}`);
  }
  for (const kernel of ["/proc", "/dev"]) {
    if (isWithin(glob.path, kernel)) refuse(entry, `${kernel} is the sandbox's own`);
  }
  return glob;
}

// A path without a star denies the file, or the folder with all it holds.
function denialsOf({ path, tree }: PathGlob): readonly PathDenial[] {
  const globs = tree
    ? [{ path, tree }]
    : [
        { path, tree: false },
        { path, tree: true },
      ];
  return globs.flatMap((glob) => [
    { access: "read", glob } as const,
    { access: "exec", glob } as const,
  ]);
}

function masksOf(glob: PathGlob, { code, data }: VisibleFolders): readonly Mask[] {
  const { path, tree } = glob;
  const base = { source: path, target: path, tree };
  const masks: Mask[] = [];
  for (const [inside, folder] of [["code", code] as const, ["data", data] as const]) {
    if (folder === undefined || !isBelow(path, folder.target)) continue;
    masks.push({ ...base, source: folder.source + path.slice(folder.target.length), inside });
  }
  for (const folder of optional) {
    if (!hidesFolder(glob, folder)) continue;
    masks.push({ source: folder, target: folder, tree: true, inside: "system" });
  }
  if ([...libraries, ...optional].some((folder) => isBelow(path, folder))) {
    masks.push({ ...base, inside: "system" });
  }
  return masks;
}

function hidesFolder(glob: PathGlob, folder: string): boolean {
  if (holds(glob, { path: folder, tree: true })) return true;
  return !glob.tree && isWithin(folder, glob.path);
}

function refuse(entry: string, fault: string): never {
  throw new SandboxError("POLICY_REFUSED", `Cannot hide ${quoted(entry)}: ${fault}; name less`);
}
