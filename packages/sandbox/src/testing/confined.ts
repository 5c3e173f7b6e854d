import { chmod, chown, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { text } from "node:stream/consumers";
import { compilePolicy, type PolicyRequest } from "../policy.ts";
import { createSandbox, type Sandbox, type SandboxOptions } from "../sandbox.ts";
import { type Exit, type LaunchOptions, type SandboxedProcess } from "../sandboxed-process.ts";
import { type Violation } from "../violation.ts";
import { request } from "./requests.ts";

const isRoot = process.getuid?.() === 0;

/** Who plugins of the tests run as: an ordinary user in any case. */
export const plugin = isRoot
  ? { uid: 65_534, gid: 65_534 }
  : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

/** What a program printed and how it ended. */
interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: Exit;
}

/** A temporary folder with a sandbox, a code tree and a data folder, all removed at the end. */
export interface Confined extends AsyncDisposable {
  readonly root: string;
  readonly code: string;
  readonly data: string;
  readonly sandbox: Sandbox;
  readonly options: SandboxOptions;
  readonly violations: Violation[];
  /** Writes a file into the code tree; a script that begins with `#!` can be run. */
  addCode(name: string, content: string): Promise<void>;
  /** Makes a folder that the plugin's user may search, and no more. */
  addOpenFolder(name: string): Promise<string>;
  /** Makes a folder that the plugin's user owns. */
  addFolder(name: string): Promise<string>;
  /** Starts a program of the code tree. */
  start(changes: Partial<PolicyRequest>, options?: LaunchOptions): Promise<SandboxedProcess>;
  /** Runs a program to its end. */
  run(changes: Partial<PolicyRequest>, options?: LaunchOptions): Promise<Outcome>;
  /** Runs a shell script to its end. */
  shell(
    script: string,
    changes?: Partial<PolicyRequest>,
    options?: LaunchOptions,
  ): Promise<Outcome>;
  /** Runs a Node module to its end. */
  node(script: string, changes?: Partial<PolicyRequest>, options?: LaunchOptions): Promise<Outcome>;
}

/** Makes one. */
export async function openConfined(
  network: Pick<SandboxOptions, "egress" | "onEgress"> = {},
): Promise<Confined> {
  const root = await mkdtemp(`${await realpath(tmpdir())}/sandbox-`);
  await chmod(root, 0o711);
  const violations: Violation[] = [];
  const addFolder = async (name: string): Promise<string> => {
    const folder = `${root}/${name}`;
    await mkdir(folder, { mode: 0o700 });
    await chown(folder, plugin.uid, plugin.gid);
    return folder;
  };
  const addOpenFolder = async (name: string): Promise<string> => {
    const folder = `${root}/${name}`;
    await mkdir(folder);
    await chmod(folder, 0o711);
    return folder;
  };
  const code = `${root}/code`;
  await mkdir(code);
  await chmod(code, 0o755);
  const data = await addFolder("data");
  const options: SandboxOptions = {
    runtimeDirectory: `${root}/run`,
    ...(isRoot ? { runAs: plugin } : {}),
    onViolation: (violation) => {
      violations.push(violation);
      return Promise.resolve();
    },
    ...network,
  };
  const sandbox = await createSandbox(options).catch(async (error: unknown) => {
    await rm(root, { recursive: true, force: true });
    throw error;
  });

  const start = (changes: Partial<PolicyRequest>, launch?: LaunchOptions) =>
    sandbox.launch(compilePolicy(request({ code, data, ...changes })), launch);
  const run = async (changes: Partial<PolicyRequest>, launch?: LaunchOptions): Promise<Outcome> => {
    const started = await start(changes, launch);
    const [stdout, stderr, exit] = await Promise.all([
      text(started.stdout),
      text(started.stderr),
      started.exited,
    ]);
    await started.close();
    return { stdout, stderr, exit };
  };
  const addCode = async (name: string, content: string): Promise<void> => {
    await writeFile(`${code}/${name}`, content);
    await chmod(`${code}/${name}`, 0o755);
  };

  return {
    root,
    code,
    data,
    sandbox,
    options,
    violations,
    addCode,
    addOpenFolder,
    addFolder,
    start,
    run,
    async shell(script, changes = {}, launch) {
      await addCode("script", `#!/bin/sh\n${script}\n`);
      return run({ command: ["script"], ...changes }, launch);
    },
    async node(script, changes = {}, launch) {
      await addCode("script.mjs", script);
      return run({ command: ["node", "/plugin/script.mjs"], ...changes }, launch);
    },
    async [Symbol.asyncDispose]() {
      await sandbox.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
