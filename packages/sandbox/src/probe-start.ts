import { type BwrapPlan, bwrapOptions, closingOptions, prlimitInside } from "./bwrap-args.ts";
import { startBwrap } from "./bwrap-process.ts";
import { coveredSlots, leakedDescriptors } from "./descriptors.ts";
import { policyEnvironment } from "./environment.ts";
import { type GeneratedFile, generatedFiles } from "./generated-files.ts";
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

interface ProbeExtras extends Pick<BwrapPlan, "mounts" | "masks"> {
  /** Folder of a proxy's socket; absent where the probe needs no way out. */
  readonly egress?: BwrapPlan["egress"];
  /** Absent: each other layer is looked at without the help of the filter. */
  readonly filter?: Uint8Array;
  /** Open sources of the mounts, in their order, to be bound by descriptor. */
  readonly sources?: readonly number[];
  /** Programs for the script, handed over through pipes. */
  readonly programs?: readonly GeneratedFile[];
}

/** Runs a shell script in the same sandbox that a launch uses, and answers what it printed. */
export async function runProbe(
  script: string,
  { bwrap, prlimit, layout, identity, folder }: ProbeContext,
  extra: ProbeExtras,
  relay?: RelayPlan,
): Promise<string> {
  const leaked = leakedDescriptors();
  const covered = coveredSlots(leaked);
  const { programs = [] } = extra;
  const files = [...generatedFiles(identity), ...(relay ? [relay.file] : [])];
  const started = await startBwrap({
    bwrap,
    identity,
    files: [...files, ...programs],
    filter: extra.filter,
    sources: extra.sources ?? [],
    options: (generated, sources) => [
      ...bwrapOptions({
        layout,
        prlimit,
        runtimes: relay ? [relay.node] : [],
        generated: generated.slice(0, files.length),
        environment: policyEnvironment(false),
        tmpBytes: probeLimits.tmpBytes,
        mounts: [
          { source: folder, target: "/plugin", mode: "ro", kind: "directory", origin: "code" },
          ...extra.mounts.map((mount, index) => ({ ...mount, descriptor: sources[index] })),
        ],
        masks: extra.masks,
        sockets: folder,
        egress: extra.egress,
      }),
      ...generated
        .slice(files.length)
        .flatMap(({ fd, target }) => ["--perms", "0555", "--ro-bind-data", String(fd), target]),
    ],
    closing: closingOptions,
    command: relay?.command("/bin/sh", ["-c", script], {
      inherited: 3,
      covered,
      isGrouped: false,
    }) ?? [
      prlimitInside,
      ...prlimitArguments(probeLimits, {
        program: "/bin/sh",
        coveredDescriptors: covered,
        isGrouped: false,
      }),
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
