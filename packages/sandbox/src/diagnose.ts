import { chown, mkdtemp } from "node:fs/promises";
import { type ControlGroups, findControlGroups } from "./control-groups.ts";
import { type Identity, resolveIdentity, type RunAs } from "./identity.ts";
import { readLayout, type SystemLayout } from "./layout.ts";
import { probeBindFd } from "./probe-bind-fd.ts";
import { probeSeccomp } from "./probe-seccomp.ts";
import { failed, passed, probeInside, probeNestedMounts } from "./probes.ts";
import { probeRelay } from "./probe-relay.ts";
import { removeTree } from "./remove-tree.ts";
import { makeReport, type ProbeResult, type SandboxReport } from "./report.ts";
import { prepareRuntimeDirectory } from "./runtime-directory.ts";
import { type ProbeName, SandboxError } from "./sandbox-error.ts";
import { type SeccompProgram } from "./seccomp-compile.ts";
import { compileFor } from "./seccomp-running.ts";
import { type UpstreamProxy } from "./upstream.ts";
import { checkTool, toolNames } from "./tools.ts";

/** Where the tracer of observed launches is expected. */
export const defaultStrace = "/usr/bin/strace";

/** The settings that decide whether this machine can contain anything. */
export interface DiagnosisOptions {
  readonly runtimeDirectory: string;
  readonly bwrap?: string;
  readonly prlimit?: string;
  readonly strace?: string;
  readonly runAs?: RunAs;
  readonly egress?: { readonly upstream?: UpstreamProxy };
}

/** What the probes found out, for a launch to use. */
interface Findings {
  readonly bwrap: string;
  readonly prlimit: string;
  readonly identity: Identity;
  readonly layout: SystemLayout;
  readonly controlGroups: ControlGroups | undefined;
  readonly seccomp: SeccompProgram;
}

/** A report, and what a launch needs when the machine is usable. */
export interface Diagnosis {
  readonly report: SandboxReport;
  readonly findings: Findings | undefined;
}

/** Runs every probe that has a meaning after the ones before it. Never throws. */
export async function diagnose(options: DiagnosisOptions): Promise<Diagnosis> {
  const { platform } = process;
  const addressGuard = options.egress?.upstream === undefined ? "own" : "delegated";
  const answers = { nestedMounts: "unknown", cgroup: "none", addressGuard } as const;
  if (platform !== "linux") {
    const detail = "programs are started on Linux alone in this version";
    const row = failed("namespaces", "UNSUPPORTED_PLATFORM", detail, "Use the wasm tier");
    return { report: makeReport(platform, [row], answers), findings: undefined };
  }
  const rows: ProbeResult[] = [];
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const bwrap = attempt("bwrap", rows, () =>
    checkTool(options.bwrap ?? "/usr/bin/bwrap", toolNames.bwrap),
  );
  const prlimit = attempt("prlimit", rows, () =>
    checkTool(options.prlimit ?? "/usr/bin/prlimit", toolNames.prlimit),
  );
  const identity = attempt("identity", rows, () => {
    const found = resolveIdentity(options.runAs, own);
    prepareRuntimeDirectory(options.runtimeDirectory, own.uid, found);
    return found;
  });
  const layout = attempt("namespaces", rows, readLayout);
  const seccomp = attempt("seccomp", rows, () => compileFor(process.arch));
  if (
    bwrap === undefined ||
    prlimit === undefined ||
    identity === undefined ||
    layout === undefined ||
    seccomp === undefined
  ) {
    return { report: makeReport(platform, rows, answers), findings: undefined };
  }
  rows.push(passed("bwrap", bwrap), passed("prlimit", prlimit));
  const controlGroups = findControlGroups();
  const findings = { bwrap, prlimit, identity, layout, seccomp, controlGroups };
  rows.push(controlGroupRow(controlGroups), straceRow(options.strace ?? defaultStrace));
  const nestedMounts = await probeAll(findings, options.runtimeDirectory, rows);
  const cgroup = controlGroups?.version ?? "none";
  return { report: makeReport(platform, rows, { nestedMounts, cgroup, addressGuard }), findings };
}

/** Only observed launches need it. */
function straceRow(path: string): ProbeResult {
  try {
    return passed("strace", checkTool(path, toolNames.strace));
  } catch (error) {
    return { ...describe("strace", error), status: "degraded" };
  }
}

function controlGroupRow(groups: ControlGroups | undefined): ProbeResult {
  if (groups)
    return passed("cgroup", `${groups.version}: memory, processes and processor as a whole`);
  const detail = "none can be made: memory is limited for each process, and the processor is not";
  return { name: "cgroup", status: "degraded", detail };
}

async function probeAll(
  findings: Findings,
  runtimeDirectory: string,
  rows: ProbeResult[],
): Promise<SandboxReport["nestedMounts"]> {
  const { identity } = findings;
  let folder: string | undefined;
  try {
    folder = await mkdtemp(`${runtimeDirectory}/p-`);
    if (identity.changes) await chown(folder, identity.uid, identity.gid);
    const context = { ...findings, folder };
    rows.push(...(await probeInside(context)));
    if (rows.some(({ status }) => status === "failed")) return "unknown";
    rows.push(await probeSeccomp(context, findings.seccomp));
    if (rows.some(({ status }) => status === "failed")) return "unknown";
    const { row, answer } = await probeNestedMounts(context);
    rows.push(row, await probeBindFd(context), await probeRelay(context, runtimeDirectory));
    return answer;
  } catch (error) {
    rows.push(describe("nestedMounts", error));
    return "unknown";
  } finally {
    if (folder !== undefined) await removeTree(folder).catch(() => undefined);
  }
}

function attempt<Value>(
  name: ProbeName,
  rows: ProbeResult[],
  probe: () => Value,
): Value | undefined {
  try {
    return probe();
  } catch (error) {
    rows.push(describe(name, error));
    return undefined;
  }
}

function describe(name: ProbeName, error: unknown): ProbeResult {
  if (error instanceof SandboxError) return failed(name, error.code, error.message, error.remedy);
  const detail = error instanceof Error ? error.message : "unknown";
  return failed(name, "PROBE_FAILED", detail, undefined);
}
