import { type ProbeName, type SandboxErrorCode } from "./sandbox-error.ts";

/**
 * How a probe ended: `degraded` is shown and stops only a policy that needs it; `absent` names what this version
 * does not have; `not_run` stands behind a failure that made it pointless.
 */
export type ProbeStatus = "passed" | "failed" | "degraded" | "absent" | "not_run";

/** One row of a report. */
export interface ProbeResult {
  /** What was looked at. */
  readonly name: ProbeName;
  /** How it ended. */
  readonly status: ProbeStatus;
  /** What was found, as a phrase. */
  readonly detail: string;
  /** The code that `createSandbox` throws for it; present when it failed. */
  readonly code?: SandboxErrorCode;
  /** What the operator can do. */
  readonly remedy?: string;
}

/** What holds for every policy of a sandbox and that an operator should know. */
export type SandboxNote =
  | "memory-per-process"
  | "cpu-unenforced"
  | "egress-absent"
  | "bound-by-path";

/** What this machine can contain, found out by doing. Frozen. */
export interface SandboxReport {
  /** Running platform. */
  readonly platform: string;
  /** Whether `createSandbox` succeeds here. */
  readonly usable: boolean;
  /** Every probe, in the order of the design. */
  readonly probes: readonly ProbeResult[];
  /** `unsafe`: mounts and masks below a granted folder are refused. `unknown` counts as unsafe. */
  readonly nestedMounts: "safe" | "unsafe" | "unknown";
  /** Version of the control groups that limits use; `none` where they can not be made. */
  readonly cgroup: "v1" | "v2" | "none";
  /** Who looks at the addresses of granted names: this package, or an upstream proxy, of which nothing is known. */
  readonly addressGuard: "own" | "delegated";
  /** What is weaker than it could be. */
  readonly notes: readonly SandboxNote[];
}

const order: readonly ProbeName[] = [
  "bwrap",
  "prlimit",
  "identity",
  "namespaces",
  "usernsDisabled",
  "seccomp",
  "procReadOnly",
  "environment",
  "bindFd",
  "nestedMounts",
  "cgroup",
  "relay",
  "strace",
];

/** What a report says beside its rows. */
type Answers = Pick<SandboxReport, "nestedMounts" | "cgroup" | "addressGuard">;

/** Completes and orders the rows; what was not reached is `not_run`. */
export function makeReport(
  platform: string,
  results: readonly ProbeResult[],
  { nestedMounts, cgroup, addressGuard }: Answers,
): SandboxReport {
  const hasGroups = cgroup !== "none";
  const probes = order.map((name) => results.find((row) => row.name === name) ?? unreached(name));
  const isPassed = (wanted: ProbeName): boolean =>
    probes.some(({ name, status }) => name === wanted && status === "passed");
  return Object.freeze({
    platform,
    usable: probes.every(({ status }) => status !== "failed" && status !== "not_run"),
    probes: Object.freeze(probes.map((row) => Object.freeze(row))),
    nestedMounts,
    cgroup,
    addressGuard,
    notes: Object.freeze([
      ...(hasGroups ? [] : (["memory-per-process", "cpu-unenforced"] as const)),
      ...(isPassed("relay") ? [] : (["egress-absent"] as const)),
      ...(isPassed("bindFd") ? [] : (["bound-by-path"] as const)),
    ] as const),
  });
}

function unreached(name: ProbeName): ProbeResult {
  return { name, status: "not_run", detail: "an earlier probe failed" };
}
