import { type BwrapPlan, bwrapOptions, closingOptions, prlimitInside } from "./bwrap-args.ts";
import { startBwrap } from "./bwrap-process.ts";
import { coveredSlots, leakedDescriptors } from "./descriptors.ts";
import { policyEnvironment } from "./environment.ts";
import { generatedFiles } from "./generated-files.ts";
import { type Identity } from "./identity.ts";
import { type SystemLayout } from "./layout.ts";
import { prlimitArguments, type SandboxLimits } from "./limits.ts";
import { treeGone } from "./process-tree.ts";
import { type RelayPlan } from "./relay-plan.ts";

/** What every probe that starts a sandbox needs. */
export interface ProbeContext {
  readonly bwrap: string;
  readonly prlimit: string;
  readonly layout: SystemLayout;
  readonly identity: Identity;
  /** A folder that the identity owns, removed afterwards; it stands as `/plugin` and `/run/plugin`. */
  readonly folder: string;
}

/** The limits of every probe. */
export const probeLimits: SandboxLimits = {
  memoryBytes: 268_435_456,
  pids: 32,
  cpuCores: 1,
  openFiles: 256,
  fileBytes: 1_048_576,
  tmpBytes: 1_048_576,
};
const maxOutput = 65_536;

/** Runs a shell script in the same sandbox that a launch uses, and answers what it printed. */
export async function runProbe(
  script: string,
  { bwrap, prlimit, layout, identity, folder }: ProbeContext,
  extra: Pick<BwrapPlan, "mounts" | "masks" | "egress">,
  relay?: RelayPlan,
): Promise<string> {
  const leaked = leakedDescriptors();
  const covered = coveredSlots(leaked);
  const started = await startBwrap({
    bwrap,
    identity,
    files: [...generatedFiles(identity), ...(relay ? [relay.file] : [])],
    options: (generated) =>
      bwrapOptions({
        layout,
        prlimit,
        runtimes: relay ? [relay.node] : [],
        generated,
        environment: policyEnvironment(false),
        tmpBytes: probeLimits.tmpBytes,
        mounts: [
          { source: folder, target: "/plugin", mode: "ro", kind: "directory", origin: "code" },
          ...extra.mounts,
        ],
        masks: extra.masks,
        sockets: folder,
        egress: extra.egress,
      }),
    closing: closingOptions,
    command: relay?.command("/bin/sh", ["-c", script], { inherited: 3, covered }) ?? [
      prlimitInside,
      ...prlimitArguments(probeLimits, "/bin/sh", covered),
      "/bin/sh",
      "-c",
      script,
    ],
    leaked,
    link: false,
    signal: undefined,
  });
  started.stdin.end();
  started.stderr.resume();
  let output = "";
  for await (const chunk of started.stdout) {
    if (output.length < maxOutput) output += String(chunk);
  }
  await treeGone(started.root);
  return output;
}
