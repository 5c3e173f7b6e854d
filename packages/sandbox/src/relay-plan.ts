import { readFileSync } from "node:fs";
import { type GeneratedFile } from "./generated-files.ts";
import { type Identity } from "./identity.ts";
import { prlimitInside } from "./bwrap-args.ts";
import { prlimitArguments, type SandboxLimits } from "./limits.ts";
import { placeRuntime, type PlacedRuntime } from "./runtimes.ts";

/** What a launch with a way out has beside one without. */
export interface RelayPlan {
  /** The relay itself. */
  readonly file: GeneratedFile;
  /** The gateway's own Node, which runs it. */
  readonly node: PlacedRuntime;
  /** The variables of the relay, which gives the plugin those that it lacks. */
  environment(ofPlugin: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
  /** The command that runs `program` behind the relay. */
  command(program: string, args: readonly string[], slots: RelaySlots): readonly string[];
}

/** The descriptors of a launch. */
interface RelaySlots {
  /** How many of them the plugin inherits. */
  readonly inherited: number;
  /** How many slots from 3 up the launcher fills itself. */
  readonly covered: number;
  /** Whether a control group limits memory and processes. */
  readonly isGrouped: boolean;
}

// Node 24 runs 4 with the flag below; other versions may run a few more. They count for the user of the plugin, so
// room for them is added to its limit.
const relayThreads = 8;
const relayMemoryBytes = 134_217_728;
const relayOpenFiles = 1_024;
const script = "/run/sigil/relay.mjs";
// The source is plain JavaScript under either ending.
const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** The limits of a plugin and its relay together. */
export const withRelay = (limits: SandboxLimits): SandboxLimits => ({
  ...limits,
  pids: limits.pids + relayThreads,
  memoryBytes: limits.memoryBytes + relayMemoryBytes,
});

/** Plans the relay of one launch. @throws {SandboxError} TOOL_MISSING, PATH_REFUSED where its Node cannot be bound */
export function planRelay(
  limits: SandboxLimits,
  identity: Identity,
  runtimeDirectory: string,
): RelayPlan {
  const node = placeRuntime("relay", process.execPath, identity, runtimeDirectory);
  const content = readFileSync(new URL(`relay.${ending}`, import.meta.url), "utf8");
  const pids = limits.pids + relayThreads;
  // The plugin's own limits are set behind the relay, which would otherwise share what they leave.
  const around = {
    ...limits,
    pids,
    memoryBytes: Math.max(limits.memoryBytes, relayMemoryBytes),
    openFiles: Math.max(limits.openFiles, relayOpenFiles),
  };
  return {
    file: { target: script, content },
    node,
    environment: ({ NODE_USE_ENV_PROXY: _added, ...others }) => others,
    command: (program, args, { inherited, covered, isGrouped }) => [
      prlimitInside,
      ...prlimitArguments(around, { program: "node", coveredDescriptors: covered, isGrouped }),
      node.target,
      // One thread for JavaScript and none to help it: copying needs no more.
      "--v8-pool-size=0",
      script,
      String(inherited),
      prlimitInside,
      ...prlimitArguments({ ...limits, pids }, { program, coveredDescriptors: covered, isGrouped }),
      program,
      ...args,
    ],
  };
}
