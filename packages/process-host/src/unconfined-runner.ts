import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { Duplex } from "node:stream";
import type { Runner, Spawned, SpawnRequest } from "./runner.ts";

/**
 * Makes a runner that starts programs without any confinement: they may do all that the user of the host may. A program leads a
 * process group of its own. On Linux the kernel kills it when the host dies, and everywhere a watchdog kills its group when its pipe
 * from the host closes. A child that leaves the group is not followed.
 */
export function unconfinedRunner(): Runner {
  return {
    link: true,
    async spawn(request, signal) {
      signal.throwIfAborted();
      if (request.onRefusal) {
        throw new Error(
          "nothing is refused to a program that is not confined; use a runner made from a sandbox",
        );
      }
      await access(request.path, constants.X_OK);
      const [path, ...args] = await deathWrapped(request);
      const child = spawn(path, args, {
        cwd: request.cwd,
        env: { ...request.environment },
        detached: true,
        stdio: ["ignore", "pipe", "pipe", ...(request.link ? (["pipe"] as const) : [])],
      });
      const exited = exitOf(child);
      await once(child, "spawn");
      const program = spawned(child, exited);
      if (signal.aborted) {
        await program.kill("SIGKILL");
        await program.release?.();
        signal.throwIfAborted();
      }
      return program;
    },
    toHost: (address) => address,
    toPlugin: (address) => address,
  };
}

const SETPRIV = ["/usr/bin/setpriv", "/bin/setpriv"];

/** The command, wrapped so that the kernel kills it with its parent where the tool for that is there. */
async function deathWrapped({ path, args }: SpawnRequest): Promise<[string, ...string[]]> {
  if (process.platform !== "linux") return [path, ...args];
  const found = await Promise.all(
    SETPRIV.map((tool) =>
      access(tool, constants.X_OK).then(
        () => tool,
        () => undefined,
      ),
    ),
  );
  const tool = found.find((candidate) => candidate !== undefined);
  return tool === undefined ? [path, ...args] : [tool, "--pdeathsig", "KILL", "--", path, ...args];
}

function spawned(child: ChildProcess, exited: Spawned["exited"]): Spawned {
  const { pid, stdout, stderr } = child;
  if (pid === undefined || stdout === null || stderr === null) {
    throw new Error("Cannot use a started program: it has no id or no pipes");
  }
  const watchdog = watch(pid);
  const link = child.stdio[3];
  return {
    pid,
    stdout,
    stderr,
    ...(link instanceof Duplex ? { link } : {}),
    exited,
    kill: async (signal) => killGroup(pid, signal),
    diagnose: async () => "",
    release: async () => {
      // Its end is waited for, so it must hold the event loop from here on.
      watchdog.ref();
      const gone = exitOf(watchdog);
      watchdog.kill("SIGKILL");
      await gone;
    },
  };
}

/** Starts a process that kills the group as soon as nobody holds the other end of its input, which is when the host is gone. */
function watch(group: number): ChildProcess {
  const script = 'read -r line; kill -s KILL -- "-$0"';
  const watchdog = spawn("/bin/sh", ["-c", script, String(group)], {
    cwd: "/",
    env: {},
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // Without a shell the kernel's death signal is the only lifeline; the program still runs.
  watchdog.on("error", () => undefined);
  watchdog.stdin?.on("error", () => undefined);
  watchdog.unref();
  return watchdog;
}

function killGroup(group: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

const exitOf = (child: ChildProcess): Spawned["exited"] =>
  new Promise((resolve) => {
    const settle = (code: number | null, signal: NodeJS.Signals | null): void =>
      resolve({ ...(code === null ? {} : { code }), ...(signal === null ? {} : { signal }) });
    if (child.exitCode !== null || child.signalCode !== null)
      settle(child.exitCode, child.signalCode);
    child.once("exit", settle);
    child.once("error", () => settle(null, null));
  });
