import { chownSync, lstatSync, mkdtempSync } from "node:fs";
import { bwrapOptions, closingOptions, prlimitInside } from "./bwrap-args.ts";
import { startBwrap } from "./bwrap-process.ts";
import { type ControlGroup, type ControlGroups } from "./control-groups.ts";
import { coveredSlots, leakedDescriptors } from "./descriptors.ts";
import { mergeEnvironment, policyEnvironment } from "./environment.ts";
import { generatedFiles } from "./generated-files.ts";
import { type LaunchEgress, type LaunchEgressContext, openLaunchEgress } from "./launch-egress.ts";
import { type SystemLayout } from "./layout.ts";
import { prlimitArguments } from "./limits.ts";
import { createObservations } from "./observation.ts";
import { isIntact, type Policy } from "./policy.ts";
import { checkArguments, checkCommand } from "./program.ts";
import { quoted } from "./quoted.ts";
import { withRelay } from "./relay-plan.ts";
import { removeTree } from "./remove-tree.ts";
import { placeRuntime, type PlacedRuntime } from "./runtimes.ts";
import { SandboxError } from "./sandbox-error.ts";
import { type LaunchOptions, type SandboxedProcess } from "./sandboxed-process.ts";
import { type SeccompProgram } from "./seccomp-compile.ts";
import { superviseProcess } from "./supervise.ts";
import { type CheckedSources, checkSources } from "./sources.ts";
import { checkTool, toolNames } from "./tools.ts";
import { type Tracer, traceProcess } from "./tracer.ts";
import { createViolationQueue, type Violation, type ViolationQueue } from "./violation.ts";

/** What every launch of one sandbox has in common. */
export interface LaunchContext extends LaunchEgressContext {
  readonly bwrap: string;
  readonly prlimit: string;
  readonly layout: SystemLayout;
  readonly seccomp: SeccompProgram;
  readonly nestedMounts: "safe" | "unsafe" | "unknown";
  /** Whether the launcher can bind what was opened, and not only what stands at a path. */
  readonly bindsByDescriptor: boolean;
  /** Where limits can hold for all processes of a launch together; `undefined` where they hold for each. */
  readonly controlGroups: ControlGroups | undefined;
  readonly runtimes: ReadonlyMap<string, string>;
  /** Where the tracer of observed launches is expected. */
  readonly strace: string;
  readonly onViolation: (violation: Violation) => Promise<void>;
  readonly now: () => number;
}

/** Starts one program under a policy. @throws {SandboxError} as `Sandbox.launch` */
export async function launchProgram(
  policy: Policy,
  options: LaunchOptions,
  context: LaunchContext,
): Promise<SandboxedProcess> {
  options.signal?.throwIfAborted();
  checkPolicy(policy);
  const observations = options.observe && createObservations(options.observe);
  const environment = mergeEnvironment(environmentOf(policy, options), options.env ?? {});
  const added = checkArguments(options.args ?? []);
  const [name, ...rest] = checkCommand(policy.command);
  const violations = createViolationQueue(
    { plugin: policy.plugin, policy: policy.digest },
    context.onViolation,
    context.now,
  );
  const sockets = makeSocketFolder(context);
  const hasWayOut = policy.egress.length > 0 || observations !== undefined;
  const group = createGroup(policy, hasWayOut, context);
  let egress: LaunchEgress | undefined;
  let tracer: Tracer | undefined;
  let sources: CheckedSources | undefined;
  try {
    const strace = observations && checkTool(context.strace, toolNames.strace);
    egress = await openLaunchEgress(policy, violations, observations, context);
    const leaked = await coverDescriptors(violations);
    sources = checkSources(policy, context);
    const { masks, descriptors } = sources;
    const runtime = runtimeOf(name, context);
    const program = runtime?.target ?? programInside(policy, name);
    const args = [...rest, ...added];
    const covered = coveredSlots(leaked);
    const relay = egress?.relay;
    const egressFolder = egress?.directory;
    // Nothing awaits between the look at the sources and the start.
    const started = await startBwrap({
      bwrap: context.bwrap,
      identity: context.identity,
      files: [...generatedFiles(context.identity), ...(relay ? [relay.file] : [])],
      filter: context.seccomp.bytes,
      sources: context.bindsByDescriptor ? descriptors : [],
      options: (generated, bound) =>
        bwrapOptions({
          layout: context.layout,
          prlimit: context.prlimit,
          runtimes: [runtime, relay?.node].filter((placed) => placed !== undefined),
          generated,
          environment: relay?.environment(environment) ?? environment,
          tmpBytes: policy.limits.tmpBytes,
          mounts: policy.mounts.map((mount, index) => ({ ...mount, descriptor: bound[index] })),
          masks,
          sockets,
          egress: egressFolder,
        }),
      closing: closingOptions,
      command: relay?.command(program, args, {
        inherited: options.link ? 4 : 3,
        covered,
        isGrouped: group !== undefined,
      }) ?? [
        prlimitInside,
        ...prlimitArguments(policy.limits, {
          program,
          coveredDescriptors: covered,
          isGrouped: group !== undefined,
        }),
        program,
        ...args,
      ],
      leaked,
      link: options.link === true,
      async beforeRun(pid) {
        await group?.add(pid);
        if (strace && observations) tracer = await traceProcess(strace, pid, observations);
      },
      signal: options.signal,
    });
    const owner = context.identity.uid;
    return superviseProcess(started, {
      policy,
      sockets,
      group,
      violations,
      owner,
      egress,
      tracer,
    });
  } catch (error) {
    await tracer?.finished();
    await egress?.close();
    await removeTree(sockets);
    // The killed launcher may still be on its way out.
    await group?.remove().catch(() => undefined);
    throw error;
  } finally {
    sources?.close();
  }
}

/** Whoever observes hears of destinations only from programs that know the way to the proxy. */
const environmentOf = (
  { environment }: Policy,
  { observe }: LaunchOptions,
): Readonly<Record<string, string>> =>
  observe ? { ...environment, ...policyEnvironment(true) } : environment;

function checkPolicy(policy: Policy): void {
  if (!isIntact(policy)) {
    refusePolicy("its digest is not that of its content; compile it with compilePolicy");
  }
  if (policy.platform !== "linux") refusePolicy("it was compiled for another platform");
}

/** @throws {SandboxError} LIMIT_UNENFORCEABLE: where groups can be made, a limit that cannot be set is no limit */
function createGroup(
  { plugin, limits }: Policy,
  hasWayOut: boolean,
  { controlGroups }: LaunchContext,
): ControlGroup | undefined {
  try {
    return controlGroups?.create(plugin, hasWayOut ? withRelay(limits) : limits);
  } catch (cause) {
    const state = cause instanceof Error ? cause.message : "unknown failure";
    throw new SandboxError("LIMIT_UNENFORCEABLE", `Cannot set the limits: ${state}`, { cause });
  }
}

// Two calls of a microsecond each; a wait for a thread takes a hundred times as long.
function makeSocketFolder({ runtimeDirectory, identity }: LaunchContext): string {
  const folder = mkdtempSync(`${runtimeDirectory}/s-`);
  if (identity.changes) chownSync(folder, identity.uid, identity.gid);
  return folder;
}

async function coverDescriptors(violations: ViolationQueue): Promise<readonly number[]> {
  const leaked = leakedDescriptors();
  if (leaked.length > 0) {
    await violations.report("descriptor_covered", `${leaked.length} inherited descriptors`);
  }
  // Read again: the wait above gave others time to open some.
  return leaked.length > 0 ? leakedDescriptors() : leaked;
}

function runtimeOf(name: string, context: LaunchContext): PlacedRuntime | undefined {
  const path = context.runtimes.get(name);
  if (path === undefined) return undefined;
  return placeRuntime(name, path, context.identity, context.runtimeDirectory);
}

function programInside({ mounts }: Policy, name: string): string {
  const code = mounts.find(({ origin }) => origin === "code");
  const path = `${code?.source}/${name}`;
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isFile() === true) return `/plugin/${name}`;
  throw new SandboxError(
    "BINARY_REFUSED",
    `Cannot run ${quoted(name)}: no regular file of that name in the code, and no runtime`,
  );
}

function refusePolicy(fault: string): never {
  throw new SandboxError("POLICY_REFUSED", `Cannot launch the policy: ${fault}`);
}
