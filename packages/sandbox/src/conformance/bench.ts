import { chmod, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { compilePolicy, type PolicyRequest } from "../policy.ts";
import { type Exit, type LaunchOptions, type SandboxedProcess } from "../sandboxed-process.ts";
import { type Attack, type AttackTarget } from "./attack.ts";
import { openAttackTarget } from "./attack-target.ts";
import { type SandboxFixture } from "./sandbox-fixture.ts";

/** What differs from a launch of `attack.sh`. */
type Changes = Partial<Omit<PolicyRequest, "limits">> & Pick<Attack, "limits">;

/** A fixture with its canaries around it, and ways to run programs in it. */
export interface Bench extends AsyncDisposable {
  readonly target: AttackTarget;
  /** The data folder on the host. */
  readonly data: string;
  /** Writes a program into the code folder. */
  addCode(name: string, content: string): Promise<void>;
  /** Starts a program; every program of the system is at hand, and no network. */
  start(changes: Changes, options?: LaunchOptions): Promise<SandboxedProcess>;
  /** Runs a program to its end. */
  run(
    changes: Changes,
    options?: LaunchOptions,
  ): Promise<{ readonly stdout: string; readonly exit: Exit }>;
}

const limits = Object.freeze({
  memoryBytes: 268_435_456,
  pids: 64,
  cpuCores: 1,
  openFiles: 256,
  fileBytes: 1_048_576,
  tmpBytes: 1_048_576,
});

/** Lays out the canaries in the folder of a fixture. */
export async function openBench(fixture: SandboxFixture): Promise<Bench> {
  const { sandbox, folder, owner } = fixture;
  const opened = await openAttackTarget({
    folder,
    inside: { code: "/plugin", data: "/data/plugins/self" },
    ...(owner === undefined ? {} : { owner }),
  });
  const { code, data, target } = opened;
  const start = (changes: Changes, options?: LaunchOptions) =>
    sandbox.launch(
      compilePolicy({
        plugin: "hostile",
        grants: ["exec.*"],
        code,
        data,
        command: ["attack.sh"],
        platform: "linux",
        ...changes,
        limits: { ...limits, ...changes.limits },
      }),
      options,
    );
  return {
    target,
    data,
    async addCode(name, content) {
      await writeFile(`${code}/${name}`, content);
      await chmod(`${code}/${name}`, 0o755);
    },
    start,
    async run(changes, options) {
      const started = await start(changes, options);
      started.stderr.resume();
      const [stdout, exit] = await Promise.all([text(started.stdout), started.exited]);
      await started.close();
      return { stdout, exit };
    },
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await fixture[Symbol.asyncDispose]();
    },
  };
}
