import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { type SandboxLimits } from "./limits.ts";

/** The control group of one launch: limits that hold for all of its processes together. */
export interface ControlGroup {
  /** Puts a process in, with all that it will start. @throws Error when the kernel refuses */
  add(pid: number): void;
  /** What the kernel stopped so far. */
  stopped(): { readonly memory: boolean; readonly processes: boolean };
  /** Removes the group; every process of it must have ended. */
  remove(): Promise<void>;
}

/** Control groups that this process may make. */
export interface ControlGroups {
  /** Version of the interface (kernel documentation, cgroup-v1). */
  readonly version: "v1";
  /** Makes a group with limits. @throws Error when one cannot be set; nothing is left then */
  create(limits: SandboxLimits): ControlGroup;
}

const controllers = ["memory", "pids", "cpu"] as const;
type Controller = (typeof controllers)[number];
type Folders = Readonly<Record<Controller, string>>;

/** A period of the processor's scheduler, in microseconds. */
const PERIOD_US = 100_000;

/**
 * Finds out by doing whether groups can be made here: version 1 with memory, pids and cpu, below the groups that this process is in.
 * Version 2 is not used, since a group that holds processes, as the gateway's own does, gives no controllers to its children.
 */
export function findControlGroups(): ControlGroups | undefined {
  const parents = ownFolders();
  if (!parents) return undefined;
  for (const parent of Object.values(parents)) removeAbandoned(parent);
  let made = 0;
  const groups: ControlGroups = {
    version: "v1",
    create(limits) {
      made += 1;
      return createGroup(parents, `sigil-${process.pid}-${made}`, limits);
    },
  };
  return canCreate(groups) ? groups : undefined;
}

/** Groups of a process that was killed stay behind, empty, since its programs died with it. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = /^sigil-([0-9]+)-[0-9]+$/u.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    try {
      rmdirSync(join(parent, name));
    } catch {
      // Somebody else removed it, or something of it still ends: the next start looks again.
    }
  }
}

function canCreate(groups: ControlGroups): boolean {
  const [openFiles, fileBytes, tmpBytes] = [1, 1, 1];
  const limits = { memoryBytes: 16_777_216, pids: 1, cpuCores: 1, openFiles, fileBytes, tmpBytes };
  try {
    void groups.create(limits).remove();
    return true;
  } catch {
    return false;
  }
}

function createGroup(parents: Folders, name: string, limits: SandboxLimits): ControlGroup {
  const folders = forEach((controller) => join(parents[controller], name));
  const made: string[] = [];
  try {
    for (const controller of controllers) {
      mkdirSync(folders[controller]);
      made.push(folders[controller]);
    }
    setLimits(folders, limits);
  } catch (error) {
    for (const folder of made) rmdirSync(folder);
    throw error;
  }
  return {
    add(pid) {
      for (const controller of controllers) {
        writeFileSync(join(folders[controller], "cgroup.procs"), String(pid));
      }
    },
    stopped: () => ({
      memory: counter(join(folders.memory, "memory.oom_control"), "oom_kill") > 0,
      processes: counter(join(folders.pids, "pids.events"), "max") > 0,
    }),
    async remove() {
      await Promise.all(Object.values(folders).map((folder) => rmdir(folder)));
    },
  };
}

function setLimits(
  { memory, pids, cpu }: Folders,
  { memoryBytes, pids: most, cpuCores }: SandboxLimits,
): void {
  writeFileSync(join(memory, "memory.limit_in_bytes"), String(memoryBytes));
  // Together with swap, where the kernel counts it: what is swapped out is used all the same.
  const withSwap = join(memory, "memory.memsw.limit_in_bytes");
  if (existsSync(withSwap)) writeFileSync(withSwap, String(memoryBytes));
  writeFileSync(join(pids, "pids.max"), String(most));
  const quota = Math.max(1_000, Math.round(cpuCores * PERIOD_US));
  writeFileSync(join(cpu, "cpu.cfs_period_us"), String(PERIOD_US));
  writeFileSync(join(cpu, "cpu.cfs_quota_us"), String(quota));
}

/** The value behind a name in a file of lines `name value`. */
function counter(path: string, name: string): number {
  const line = readFileSync(path, "latin1")
    .split("\n")
    .find((text) => text.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

/** Where this process's own groups lie, by controller; `undefined` where one is not mounted. */
function ownFolders(): Folders | undefined {
  const own = readLines("/proc/self/cgroup").map((line) => line.split(":"));
  const mounts = readLines("/proc/self/mountinfo").map(mountOf);
  const found = controllers.flatMap((controller) => {
    const path = own.find(([, list]) => list?.split(",").includes(controller))?.[2];
    const mount = mounts.find(
      ({ type, options }) => type === "cgroup" && options.includes(controller),
    );
    if (path === undefined || !mount) return [];
    // Inside a container the mount shows a part of the hierarchy, whose root stands in the mount's line.
    const below = path.startsWith(mount.root) ? path.slice(mount.root.length) : path;
    return [[controller, join(mount.target, below)] as const];
  });
  if (found.length < controllers.length) return undefined;
  const folders = new Map<string, string>(found);
  return forEach((controller) => folders.get(controller) ?? "");
}

interface MountLine {
  readonly root: string;
  readonly target: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** One line of `mountinfo` (proc_pid_mountinfo(5)). */
function mountOf(line: string): MountLine {
  const [before = "", after = ""] = line.split(" - ");
  const [, , , root = "", target = ""] = before.split(" ");
  const [type = "", , options = ""] = after.split(" ");
  return { root: root === "/" ? "" : root, target, type, options: options.split(",") };
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch {
    return [];
  }
}

const forEach = (folder: (controller: Controller) => string): Folders => ({
  memory: folder("memory"),
  pids: folder("pids"),
  cpu: folder("cpu"),
});
