import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { counter, cpuPeriodUs, cpuQuotaUs, removeAbandoned } from "./control-group-files.ts";
import { type ControlGroup, type ControlGroups } from "./control-groups.ts";
import { type SandboxLimits } from "./limits.ts";
import { type GroupTexts, ownFolderOfVersion2 } from "./own-groups.ts";

const controllers = ["cpu", "memory", "pids"];
const longestName = 64;

/**
 * Groups of version 2, as `sigil/<plugin>-<pid>-<n>` below a group that was delegated to this process and that no process is in:
 * one that holds processes gives no controllers to its children. That is so where the gateway was started in a subgroup of its own
 * (`Delegate=yes` with `DelegateSubgroup=` in systemd), or in the first group of a machine without systemd. No process is moved that
 * is not ours to move; `undefined` where the operator set up neither.
 */
export function openVersion2(
  texts: GroupTexts,
  own: { readonly uid: number; readonly pid: number },
): ControlGroups | undefined {
  const found = ownFolderOfVersion2(texts);
  const parent = found && delegatedTo(own.uid, found);
  if (parent === undefined) return undefined;
  const home = join(parent, "sigil");
  try {
    enable(parent);
    if (!existsSync(home)) mkdirSync(home);
    enable(home);
    removeAbandoned(home, /-([0-9]+)-[0-9]+$/u);
  } catch {
    return undefined;
  }
  let made = 0;
  return {
    version: "v2",
    create(plugin, limits) {
      made += 1;
      return createGroup(join(home, `${nameOf(plugin)}-${own.pid}-${made}`), limits);
    },
  };
}

/** The group below which this process may make others; by ownership, or, for root, who owns all, by what systemd delegates. */
function delegatedTo(
  uid: number,
  { folder, mount }: { readonly folder: string; readonly mount: string },
): string | undefined {
  // Only the first group of the machine lacks a type, and it alone may hold processes beside its children.
  if (folder === mount && !existsSync(join(folder, "cgroup.type"))) {
    return hasControllers(folder) ? folder : undefined;
  }
  const parent = dirname(folder);
  const isInside = folder !== mount && (parent === mount || parent.startsWith(`${mount}/`));
  if (!isInside || !hasControllers(parent)) return undefined;
  if (read(join(parent, "cgroup.procs")).trim() !== "") return undefined;
  if (uid !== 0) return statSync(parent).uid === uid ? parent : undefined;
  return /\.(?:service|scope)$/u.test(basename(parent)) ? parent : undefined;
}

function hasControllers(folder: string): boolean {
  const offered = read(join(folder, "cgroup.controllers")).trim().split(" ");
  return controllers.every((controller) => offered.includes(controller));
}

function enable(folder: string): void {
  const file = join(folder, "cgroup.subtree_control");
  const enabled = read(file).trim().split(" ");
  const missing = controllers.filter((controller) => !enabled.includes(controller));
  if (missing.length > 0) writeFileSync(file, missing.map((name) => `+${name}`).join(" "));
}

function nameOf(plugin: string): string {
  // A name with a dot could be that of a file of the kernel's.
  return plugin.replaceAll(/[^A-Za-z0-9_-]/gu, "_").slice(0, longestName);
}

function createGroup(folder: string, limits: SandboxLimits): ControlGroup {
  mkdirSync(folder);
  try {
    setLimits(folder, limits);
  } catch (error) {
    rmdirSync(folder);
    throw error;
  }
  return {
    add: (pid) => writeFile(join(folder, "cgroup.procs"), String(pid)),
    stopped: () => ({
      memory: counter(join(folder, "memory.events"), "oom_kill") > 0,
      processes: counter(join(folder, "pids.events"), "max") > 0,
    }),
    remove: () => rmdir(folder),
  };
}

function setLimits(folder: string, { memoryBytes, pids, cpuCores }: SandboxLimits): void {
  writeFileSync(join(folder, "memory.max"), String(memoryBytes));
  // A kernel without swap has no such file, and then there is nothing to bound.
  const swap = join(folder, "memory.swap.max");
  if (existsSync(swap)) writeFileSync(swap, "0");
  // What runs out of memory ends as a whole: half a plugin is none.
  writeFileSync(join(folder, "memory.oom.group"), "1");
  writeFileSync(join(folder, "pids.max"), String(pids));
  writeFileSync(join(folder, "cpu.max"), `${cpuQuotaUs(cpuCores)} ${cpuPeriodUs}`);
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
