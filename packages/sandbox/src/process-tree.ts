import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** The first process of a sandbox's own process namespace: with it the kernel ends all others. */
export interface TreeRoot {
  readonly pid: number;
  /** Start time in clock ticks; a pid that was given out again has another one. */
  readonly startTime: string;
}

const pollMs = 5;

/** Notes a process so that it is recognised later; `undefined` when it has ended. */
export function treeRoot(pid: number): TreeRoot | undefined {
  const found = status(pid);
  return found === undefined ? undefined : { pid, startTime: found.startTime };
}

/** Ends everything in the namespace. Does nothing once the first process is gone. */
export function killTree(root: TreeRoot): void {
  if (isAlive(root)) signalProcess(root.pid, "SIGKILL");
}

/** Sends a signal to the program itself, which is process 2 of its namespace. */
export function signalProgram(root: TreeRoot, signal: "SIGTERM"): void {
  if (!isAlive(root)) return;
  const children = text(`/proc/${root.pid}/task/${root.pid}/children`).trim().split(" ");
  const program = children.find((pid) => {
    const ids = /^NSpid:\s*(.+)$/m.exec(text(`/proc/${pid}/status`))?.[1]?.split(/\s+/);
    return pid !== "" && ids?.at(-1) === "2";
  });
  if (program !== undefined) signalProcess(Number(program), signal);
}

/** Resolves when the kernel has ended every process of the namespace. */
export async function treeGone(root: TreeRoot): Promise<void> {
  // Its parent is init by now, so no event tells; it takes a few milliseconds at most.
  if (!isAlive(root)) return;
  await sleep(pollMs);
  await treeGone(root);
}

function isAlive({ pid, startTime }: TreeRoot): boolean {
  const found = status(pid);
  return found !== undefined && found.startTime === startTime && found.state !== "Z";
}

function status(pid: number): { readonly state: string; readonly startTime: string } | undefined {
  // The name in parentheses may hold anything, so the fields are counted from its end.
  const fields = text(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
  const [state] = fields;
  const startTime = fields[19];
  return state === undefined || startTime === undefined ? undefined : { state, startTime };
}

function text(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in this moment, which is what the signal was for.
  }
}
