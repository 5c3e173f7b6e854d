import { finished } from "node:stream/promises";
import type { SandboxedRun } from "@sigilrt/bundle";
import { compilePolicy, type Sandbox } from "@sigilrt/sandbox";

const MEBIBYTE = 1_048_576;
const limits = {
  memoryBytes: 512 * MEBIBYTE,
  pids: 64,
  cpuCores: 1,
  openFiles: 256,
  fileBytes: 16 * MEBIBYTE,
  tmpBytes: 16 * MEBIBYTE,
};

/** Grants nothing: no network, no variables of ours, the tree read-only, `/tmp` in memory. */
export function sandboxedRun(openSandbox: () => Promise<Sandbox>): SandboxedRun {
  return async ({ command, tree, output, signal }) => {
    const sandbox = await openSandbox();
    const request = { plugin: "self-test", grants: [], code: tree, command, limits } as const;
    const program = await sandbox.launch(compilePolicy({ ...request, platform: "linux" }), {
      signal,
    });
    const stop = (): void => void program.close();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    program.stdin.end();
    program.stdout.on("data", (bytes: Buffer) => output("stdout", bytes));
    program.stderr.on("data", (bytes: Buffer) => output("stderr", bytes));
    await Promise.all([finished(program.stdout), finished(program.stderr)]);
    const exit = await program.exited;
    await program.close();
    if (exit.reason === "launcher_failed") throw new Error("the launcher failed");
    return exit;
  };
}
