import { constants } from "node:os";
import { type BwrapProcess } from "./bwrap-process.ts";
import { type LaunchEgress } from "./launch-egress.ts";
import { connectPluginSocket } from "./plugin-socket.ts";
import { type Policy } from "./policy.ts";
import { killTree, signalProgram, treeGone } from "./process-tree.ts";
import { quoted } from "./quoted.ts";
import { removeTree } from "./remove-tree.ts";
import { SandboxError } from "./sandbox-error.ts";
import { type Exit, type SandboxedProcess } from "./sandboxed-process.ts";
import { type ViolationQueue } from "./violation.ts";

/** What belongs to one running program beside its process. */
export interface Supervision {
  readonly policy: Policy;
  /** Host folder behind `/run/plugin`. */
  readonly sockets: string;
  readonly violations: ViolationQueue;
  /** The uid that owns every socket of the plugin. */
  readonly owner: number;
  readonly egress: LaunchEgress | undefined;
}

/** Watches a started sandbox to its end, and cleans up behind it. */
export function superviseProcess(
  started: BwrapProcess,
  { policy, sockets, violations, owner, egress }: Supervision,
): SandboxedProcess {
  const { child, root } = started;
  let wish: "terminated" | "closed" | undefined;
  let hasEnded = false;

  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.signalCode);
    else child.once("exit", (_, signal) => resolve(signal));
  });
  const watch = async (): Promise<Exit> => {
    const signal = await ended;
    // Killed from outside, bwrap leaves its namespace to the death signal; this makes sure.
    killTree(root);
    await treeGone(root);
    hasEnded = true;
    const exit = describeExit(started.exitCode(), signal, wish);
    if (exit.reason === "file_size") {
      await violations.report("file_size", "a file over the limit").catch(() => undefined);
    }
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
