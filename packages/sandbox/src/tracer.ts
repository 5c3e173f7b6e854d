import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Observations } from "./observation.ts";
import { quoted } from "./quoted.ts";
import { SandboxError } from "./sandbox-error.ts";
import { readTraceLine } from "./trace-line.ts";

/** Follows the system calls of one launch. */
export interface Tracer {
  /** Resolves when everything that the processes did was read; they have to be gone. Never rejects. */
  finished(): Promise<void>;
}

/**
 * Follows a process, and all that it starts, with `strace`, which is told by the kernel of each call and changes none. The program is as
 * confined as without it, and slower.
 *
 * @throws {SandboxError} LAUNCH_FAILED when the process cannot be followed
 */
export async function traceProcess(
  strace: string,
  pid: number,
  observations: Observations,
): Promise<Tracer> {
  const options = ["-f", "-xx", "-y", "-Z", "-e", "trace=%file,connect", "-e", "signal=none"];
  const child = spawn(strace, [...options, "-p", String(pid)], {
    // Its messages begin with the name it was called by.
    argv0: "strace",
    env: { NODE_V8_COVERAGE: undefined },
    cwd: "/",
    // Out of the terminal's group, as what it follows.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const over = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  });
  const refusal = await attached(child, over, observations);
  if (refusal === undefined) return { finished: () => over };
  child.kill("SIGKILL");
  throw new SandboxError("LAUNCH_FAILED", `Cannot observe the program: strace says ${refusal}`, {
    remedy:
      "Let this user trace its own processes (kernel.yama.ptrace_scope below 2), or launch without observe",
  });
}

/** Resolves when the process is followed, or with what strace said instead. */
function attached(
  child: ChildProcess,
  over: Promise<void>,
  observations: Observations,
): Promise<string | undefined> {
  const { stderr } = child;
  if (stderr === null) return Promise.resolve("nothing: it could not be started");
  let said = "";
  return new Promise((resolve) => {
    const lines = createInterface({ input: stderr, crlfDelay: 0 });
    lines.on("line", (line) => {
      if (/^strace: Process \d+ attached/u.test(line)) resolve(undefined);
      else if (line.startsWith("strace: ")) said = line;
      const failure = readTraceLine(line);
      if (failure) observations.seen(failure);
    });
    void over.then(() => resolve(quoted(said || "nothing", 256)));
  });
}
