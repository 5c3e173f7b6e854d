import { defaultStrace, diagnose } from "./diagnose.ts";
import { type EgressDecision } from "./egress-decision.ts";
import { type Resolver } from "./egress-dial.ts";
import { type RunAs } from "./identity.ts";
import { type LaunchContext, launchProgram } from "./launch.ts";
import { type Policy } from "./policy.ts";
import { type SandboxReport } from "./report.ts";
import { checkRuntimes } from "./runtimes.ts";
import { type ProbeName, SandboxError } from "./sandbox-error.ts";
import { type LaunchOptions, type SandboxedProcess } from "./sandboxed-process.ts";
import { checkRoute, type UpstreamProxy } from "./upstream.ts";
import { type Violation } from "./violation.ts";

/** Settings of a sandbox. */
export interface SandboxOptions {
  /** A folder of this process's user, mode 0711, at most 60 bytes; made when it is missing. Sockets lie below it. */
  readonly runtimeDirectory: string;
  /** Absolute path; default `/usr/bin/bwrap`. PATH is never searched. */
  readonly bwrap?: string;
  /** Absolute path; default `/usr/bin/prlimit`. */
  readonly prlimit?: string;
  /** Absolute path; default `/usr/bin/strace`. Looked at when a launch is observed. */
  readonly strace?: string;
  /** Interpreters by the name that a command uses; default `node`, this process's own, and `python3`. */
  readonly runtimes?: Readonly<Record<string, string>>;
  /** Who plugins run as. Needed for uid 0, where it has no default; `"root"` is refused in this version. */
  readonly runAs?: RunAs;
  /** How the way out is made for policies that grant destinations. */
  readonly egress?: {
    /** Asked for the addresses of allowed names; default the name servers of this machine. */
    readonly resolve?: Resolver;
    /**
     * A proxy of yours through which all connections go. Names are resolved there, so that no address can be checked here:
     * the report says `addressGuard: "delegated"`.
     */
    readonly upstream?: UpstreamProxy;
  };
  /**
   * Told of each connection that a plugin asks for, and waited for before a byte flows; what it cannot record is
   * refused. Without it a policy that grants destinations is refused at launch.
   */
  readonly onEgress?: (decision: EgressDecision) => Promise<void>;
  /** Told of each violation, in order, and waited for. */
  readonly onViolation: (violation: Violation) => Promise<void>;
}

/** Starts programs that the operating system holds to their policies. */
export interface Sandbox extends AsyncDisposable {
  /** What the probes found. */
  readonly report: SandboxReport;
  /**
   * Starts a program. What cannot be enforced stops it before its first instruction.
   * @throws {SandboxError} CLOSED, POLICY_REFUSED, RELAY_UNAVAILABLE, PATH_REFUSED, ENV_REFUSED, BINARY_REFUSED, TOOL_MISSING,
   * GRANT_NOT_A_FILE, GRANT_HOST_EXECUTED, NESTED_MOUNT_UNSAFE, DESCRIPTOR_LEAK, LAUNCH_FAILED; the reason of the signal
   */
  launch(policy: Policy, options?: LaunchOptions): Promise<SandboxedProcess>;
  /** Ends all it launched, newest first. Idempotent. */
  close(): Promise<void>;
}

/**
 * Finds out by doing whether this machine can contain programs.
 * @throws {SandboxError} with `code`, `remedy` and every failed probe: UNSUPPORTED_PLATFORM, TOOL_MISSING,
 * TOOL_REFUSED, USERNS_BLOCKED, ROOT_IDENTITY, LIMIT_UNENFORCEABLE, PATH_REFUSED, UNSUPPORTED_ARCH,
 * SECCOMP_UNAVAILABLE, PROBE_FAILED
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { runtimeDirectory, onViolation, onEgress, egress } = options;
  if (typeof onViolation !== "function") {
    throw new TypeError("Cannot create a sandbox without onViolation: someone must be told");
  }
  const runtimes = checkRuntimes(
    options.runtimes ?? { node: process.execPath, python3: "/usr/bin/python3" },
  );
  const upstream = checkRoute(egress ?? {});
  const { report, findings } = await diagnose(options);
  if (!report.usable || findings === undefined) throw unusable(report);
  const { nestedMounts } = report;
  const isPassed = (wanted: ProbeName): boolean =>
    report.probes.some(({ name, status }) => name === wanted && status === "passed");
  const relay = report.probes.find(({ name }) => name === "relay");
  return openSandbox(report, {
    ...findings,
    nestedMounts,
    bindsByDescriptor: isPassed("bindFd"),
    controlGroups: findings.controlGroups,
    runtimeDirectory,
    runtimes,
    strace: options.strace ?? defaultStrace,
    relayFault: relay?.status === "passed" ? undefined : (relay?.detail ?? "no probe"),
    resolve: egress?.resolve,
    upstream,
    onEgress,
    onViolation,
    now: Date.now,
  });
}

/** The same probes without throwing. */
export async function diagnoseSandbox(options: SandboxOptions): Promise<SandboxReport> {
  const { report } = await diagnose(options);
  return report;
}

function openSandbox(report: SandboxReport, context: LaunchContext): Sandbox {
  const running = new Set<SandboxedProcess>();
  const starting = new Set<Promise<unknown>>();
  const stopping = new AbortController();

  const start = async (policy: Policy, options: LaunchOptions): Promise<SandboxedProcess> => {
    const { signal: given } = options;
    const signal = given ? AbortSignal.any([given, stopping.signal]) : stopping.signal;
    const started = await launchProgram(policy, { ...options, signal }, context);
    running.add(started);
    void started.exited.then(() => running.delete(started));
    return started;
  };
  const closeAll = async (): Promise<void> => {
    stopping.abort(closed());
    await Promise.allSettled(starting);
    await closeInTurn([...running].toReversed());
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= closeAll());

  return {
    report,
    async launch(policy, options = {}) {
      // Once closed, the signal below refuses the start with its reason.
      const launch = start(policy, options);
      starting.add(launch);
      try {
        return await launch;
      } finally {
        starting.delete(launch);
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

// All are closed even if one cannot deliver its violations; the first failure is told.
async function closeInTurn(processes: readonly SandboxedProcess[]): Promise<void> {
  const [newest, ...older] = processes;
  if (newest === undefined) return;
  try {
    await newest.close();
  } finally {
    await closeInTurn(older);
  }
}

function unusable({ probes }: SandboxReport): SandboxError {
  const rows = probes.filter(({ status }) => status === "failed");
  const [first] = rows;
  const { code = "PROBE_FAILED", detail = "a probe did not run", remedy } = first ?? {};
  return new SandboxError(code, `Cannot create a sandbox: ${detail}`, {
    failed: rows.map(({ name }) => name),
    ...(remedy === undefined ? {} : { remedy }),
  });
}

function closed(): SandboxError {
  return new SandboxError("CLOSED", "Cannot launch: the sandbox is closed");
}
