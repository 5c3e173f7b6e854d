import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import type { SandboxedCommand, SandboxedExit, SandboxedRun } from "@sigilrt/bundle";
import { compilePolicy, createSandbox, type Sandbox } from "@sigilrt/sandbox";

const MEBIBYTE = 1_048_576;
const limits = {
  memoryBytes: 512 * MEBIBYTE,
  pids: 64,
  cpuCores: 1,
  openFiles: 256,
  fileBytes: 64 * MEBIBYTE,
  tmpBytes: 64 * MEBIBYTE,
};

/** Runs a program of a bundle with nothing granted: no network, no variables of ours, the tree read-only, a temporary folder in memory. */
export const sandboxedRun: SandboxedRun = async ({ command, tree, output, signal }) => {
  const runtimeDirectory = await mkdtemp(join(tmpdir(), "sigil-"));
  await chmod(runtimeDirectory, 0o711);
  try {
    await using sandbox = await createSandbox({
      runtimeDirectory,
      onViolation: async () => undefined,
      ...(process.getuid?.() === 0 ? { runAs: NOBODY } : {}),
    });
    return await launch(sandbox, { command, tree, output, signal });
  } finally {
    await rm(runtimeDirectory, { recursive: true, force: true });
  }
};

/** Whom programs of bundles run as when the command runs as root. */
const NOBODY = { uid: 65_534, gid: 65_534 };

async function launch(
  sandbox: Sandbox,
  { command, tree, output, signal }: SandboxedCommand,
): Promise<SandboxedExit> {
  const request = { plugin: "self-test", grants: [], code: tree, command, limits } as const;
  const policy = compilePolicy({
    ...request,
    platform: process.platform === "darwin" ? "darwin" : "linux",
  });
  const program = await sandbox.launch(policy, { signal });
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
}
