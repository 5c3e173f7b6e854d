import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What the kernel says of this process's control groups. */
export interface GroupTexts {
  /** `/proc/self/cgroup` (cgroups(7)). */
  readonly cgroup: string;
  /** `/proc/self/mountinfo` (proc_pid_mountinfo(5)). */
  readonly mountinfo: string;
}

/** Reads both; what cannot be read is empty. */
export function readGroupTexts(): GroupTexts {
  return { cgroup: read("/proc/self/cgroup"), mountinfo: read("/proc/self/mountinfo") };
}

/** Where this process's group of a controller of version 1 lies; `undefined` where it is not mounted. */
export function ownFolderOfVersion1(texts: GroupTexts, controller: string): string | undefined {
  const path = groupLines(texts).find(({ names }) => names.includes(controller))?.path;
  const mount = mounts(texts).find(
    ({ type, options }) => type === "cgroup" && options.includes(controller),
  );
  return path === undefined || !mount ? undefined : folderOf(path, mount);
}

/** Where this process's group of version 2 lies, and where its hierarchy is mounted. */
export function ownFolderOfVersion2(
  texts: GroupTexts,
): { readonly folder: string; readonly mount: string } | undefined {
  const path = groupLines(texts).find(({ hierarchy }) => hierarchy === "0")?.path;
  const mount = mounts(texts).find(({ type }) => type === "cgroup2");
  if (path === undefined || !mount) return undefined;
  return { folder: folderOf(path, mount), mount: mount.target };
}

interface GroupLine {
  readonly hierarchy: string;
  readonly names: readonly string[];
  readonly path: string;
}

function groupLines({ cgroup }: GroupTexts): readonly GroupLine[] {
  return cgroup.split("\n").flatMap((line) => {
    const [, hierarchy, names = "", path] = /^([0-9]+):([^:]*):(\/.*)$/u.exec(line) ?? [];
    if (hierarchy === undefined || path === undefined) return [];
    // Outside of this process's namespace, or gone.
    if (path.split("/").includes("..") || path.endsWith(" (deleted)")) return [];
    return [{ hierarchy, names: names.split(","), path }];
  });
}

interface MountLine {
  readonly root: string;
  readonly target: string;
  readonly type: string;
  readonly options: readonly string[];
}

function mounts({ mountinfo }: GroupTexts): readonly MountLine[] {
  return mountinfo.split("\n").map((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [, , , root = "", target = ""] = before.split(" ");
    const [type = "", , options = ""] = after.split(" ");
    return { root: root === "/" ? "" : root, target, type, options: options.split(",") };
  });
}

// Inside a container the mount shows a part of the hierarchy, whose root stands in the mount's line.
function folderOf(path: string, { root, target }: MountLine): string {
  const isBelow = path === root || path.startsWith(`${root}/`);
  return join(target, isBelow ? path.slice(root.length) : path).replace(/\/$/u, "");
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
