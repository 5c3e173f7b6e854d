import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { counter, cpuPeriodUs, cpuQuotaUs, removeAbandoned } from "./control-group-files.ts";
import { type ControlGroup, type ControlGroups } from "./control-groups.ts";
import { type SandboxLimits } from "./limits.ts";
import { type GroupTexts, ownFolderOfVersion1 } from "./own-groups.ts";

const controllers = ["memory", "pids", "cpu"] as const;
type Controller = (typeof controllers)[number];
type Folders = Readonly<Record<Controller, string>>;

/** Counts for every sandbox of this process: two that are open at once share the folders above. */
let launches = 0;

/** Groups of version 1 below those that this process is in; `undefined` where memory, pids or cpu is not mounted. */
export function openVersion1(
  texts: GroupTexts,
  { pid }: { readonly pid: number },
): ControlGroups | undefined {
  const found = controllers.map((controller) => ownFolderOfVersion1(texts, controller));
  const [memory, pids, cpu] = found;
  if (memory === undefined || pids === undefined || cpu === undefined) return undefined;
  const parents = { memory, pids, cpu };
  for (const parent of Object.values(parents)) removeAbandoned(parent, /^sigil-([0-9]+)-[0-9]+$/u);
  return {
    version: "v1",
    create(_plugin, limits) {
      launches += 1;
      return createGroup(parents, `sigil-${pid}-${launches}`, limits);
    },
  };
}

function createGroup(parents: Folders, name: string, limits: SandboxLimits): ControlGroup {
  const folders = {
    memory: join(parents.memory, name),
    pids: join(parents.pids, name),
    cpu: join(parents.cpu, name),
  };
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
    async add(pid) {
      await Promise.all(
        Object.values(folders).map((folder) =>
          writeFile(join(folder, "cgroup.procs"), String(pid)),
        ),
      );
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
  writeFileSync(join(cpu, "cpu.cfs_period_us"), String(cpuPeriodUs));
  writeFileSync(join(cpu, "cpu.cfs_quota_us"), String(cpuQuotaUs(cpuCores)));
}
