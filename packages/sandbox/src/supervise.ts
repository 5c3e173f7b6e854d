import { constants } from "node:os";
import { type BwrapProcess } from "./bwrap-process.ts";
import { type ControlGroup } from "./control-groups.ts";
import { type LaunchEgress } from "./launch-egress.ts";
import { connectPluginSocket } from "./plugin-socket.ts";
import { type Policy } from "./policy.ts";
import { killTree, signalProgram, treeGone } from "./process-tree.ts";
import { quoted } from "./quoted.ts";
import { removeTree } from "./remove-tree.ts";
import { SandboxError } from "./sandbox-error.ts";
import { type Exit, type SandboxedProcess } from "./sandboxed-process.ts";
import { type Tracer } from "./tracer.ts";
import { type ViolationKind, type ViolationQueue } from "./violation.ts";

/** What belongs to one running program beside its process. */
export interface Supervision {
  readonly policy: Policy;
  /** Host folder behind `/run/plugin`. */
  readonly sockets: string;
  /** What holds its limits; `undefined` where each process has its own. */
  readonly group: ControlGroup | undefined;
  readonly violations: ViolationQueue;
  /** The uid that owns every socket of the plugin. */
  readonly owner: number;
  readonly egress: LaunchEgress | undefined;
  /** What follows its system calls; `undefined` where nobody observes. */
  readonly tracer: Tracer | undefined;
}

/** Watches a started sandbox to its end, and cleans up behind it. */
export function superviseProcess(
  started: BwrapProcess,
  { policy, sockets, group, violations, owner, egress, tracer }: Supervision,
): SandboxedProcess {
  const { child, root } = started;
  let wish: "terminated" | "closed" | undefined;
  let hasEnded = false;

  const report = (kind: ViolationKind, detail: string): Promise<void> =>
    violations.report(kind, detail).catch(() => undefined);
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.signalCode);
    else child.once("exit", (_, signal) => resolve(signal));
  });
  const watch = async (): Promise<Exit> => {
    const signal = await ended;
    // Killed from outside, bwrap leaves its namespace to the death signal; this makes sure.
    killTree(root);
    await treeGone(root);
    await tracer?.finished();
    hasEnded = true;
    const stopped = group?.stopped() ?? { memory: false, processes: false };
    const described = describeExit(started.exitCode(), signal, wish);
    // A process that the kernel killed for memory ends with SIGKILL, which alone would not say why.
    const isMemory = stopped.memory && described.reason === "signalled";
    const exit: Exit = isMemory
      ? Object.freeze({ ...described, reason: "memory_killed" })
      : described;
    if (exit.reason === "file_size") await report("file_size", "a file over the limit");
    if (stopped.memory) await report("memory_killed", "more memory than the limit");
    if (stopped.processes) await report("processes", "more processes than the limit");
    if (exit.signal === "SIGSYS") {
      await report("seccomp_killed", "a system call of another architecture or ABI");
    }
    await group?.remove().catch(() => undefined);
    if (egress !== undefined) {
      const relayIsDone = await egress.relayIsDone();
      await egress.close().catch(() => undefined);
      // Ended from outside, it had no time to say so.
      if (!relayIsDone && wish === undefined && exit.reason !== "launcher_failed") {
        await violations.report("relay_died", "before the plugin").catch(() => undefined);
      }
    }
    // What a plugin leaves behind must not keep its end from being told.
    await removeTree(sockets).catch(() => undefined);
    return exit;
  };
  const exited = watch();

  const stop = async (): Promise<void> => {
    if (!hasEnded) wish = "closed";
    killTree(root);
    child.kill("SIGKILL");
    await exited;
    for (const stream of child.stdio) stream?.destroy();
    await violations.flush();
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= stop());

  return {
    pid: started.pid,
    policy: policy.digest,
    stdin: started.stdin,
    stdout: started.stdout,
    stderr: started.stderr,
    ...(started.link === undefined ? {} : { link: started.link }),
    exited,
    async connect(name, options = {}) {
      if (hasEnded || closing !== undefined) {
        throw new SandboxError("CLOSED", "Cannot connect to the plugin: it has ended");
      }
      try {
        return await connectPluginSocket(sockets, name, owner, options.signal);
      } catch (error) {
        if (error instanceof SandboxError && error.code === "SOCKET_SUBSTITUTED") {
          await violations.report("socket_substituted", `socket ${quoted(name)}`);
        }
        throw error;
      }
    },
    terminate() {
      if (!hasEnded) wish ??= "terminated";
      signalProgram(root, "SIGTERM");
      return Promise.resolve();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function describeExit(
  code: number | undefined,
  launcherSignal: NodeJS.Signals | null,
  wish: "terminated" | "closed" | undefined,
): Exit {
  if (code === undefined) {
    return Object.freeze({ code: null, signal: launcherSignal, reason: wish ?? "launcher_failed" });
  }
  const signal = signalName(code);
  if (signal === undefined) return Object.freeze({ code, signal: null, reason: wish ?? "exited" });
  const reason = signal === "SIGXFSZ" ? "file_size" : (wish ?? "signalled");
  return Object.freeze({ code: null, signal, reason });
}

// bwrap answers 128 + n for signal n, and so does a program that chooses to end with that code.
function signalName(code: number): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
}
