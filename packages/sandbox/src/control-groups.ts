import { openVersion1 } from "./control-groups-v1.ts";
import { openVersion2 } from "./control-groups-v2.ts";
import { type SandboxLimits } from "./limits.ts";
import { readGroupTexts } from "./own-groups.ts";

/** The control group of one launch: limits that hold for all of its processes together. */
export interface ControlGroup {
  /** Puts a process in, with all that it will start; rejects when the kernel refuses. It may make the writer wait for all readers: 10 ms. */
  add(pid: number): Promise<void>;
  /** What the kernel stopped so far. */
  stopped(): { readonly memory: boolean; readonly processes: boolean };
  /** Removes the group; every process of it must have ended. */
  remove(): Promise<void>;
}

/** Control groups that this process may make. */
export interface ControlGroups {
  /** Version of the interface (kernel documentation, cgroup-v1 and cgroup-v2). */
  readonly version: "v1" | "v2";
  /** Makes a group with limits for a plugin. @throws Error when one cannot be set; nothing is left then */
  create(plugin: string, limits: SandboxLimits): ControlGroup;
}

/** Finds out by doing whether groups can be made here, of version 2 before version 1. */
export function findControlGroups(): ControlGroups | undefined {
  const texts = readGroupTexts();
  const own = { uid: process.getuid?.() ?? 0, pid: process.pid };
  return [openVersion2(texts, own), openVersion1(texts, own)].find(
    (groups) => groups !== undefined && canCreate(groups),
  );
}

function canCreate(groups: ControlGroups): boolean {
  const [openFiles, fileBytes, tmpBytes] = [1, 1, 1];
  const limits = { memoryBytes: 16_777_216, pids: 1, cpuCores: 1, openFiles, fileBytes, tmpBytes };
  try {
    void groups.create("probe", limits).remove();
    return true;
  } catch {
    return false;
  }
}
