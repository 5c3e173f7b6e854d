import { chmod, lstat, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  describeRejection,
  extractBundle,
  selfTest,
  type SelfTestEvidence,
  type SelfTestOutcome,
  type SelfTestStep,
} from "@sigilrt/bundle";
import { applyVerifier, readLockfile, treeDigestVerifier } from "@sigilrt/integrity";
import type { PluginRejection } from "@sigilrt/manager";
import { EXIT } from "../exit-code.ts";
import { rejectionText } from "../plugins/rejection-text.ts";
import { escaped, type Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { refused } from "./inspect-verb.ts";
import { readBundle, type ReadBundle } from "./read-bundle.ts";
import { sandboxedRun } from "./sandboxed-run.ts";

/** How a bundle is tested. */
export interface TestVerbOptions {
  /** The steps; all that it declares when absent. */
  readonly steps?: readonly SelfTestStep[];
  /** A lock file that must hold it. */
  readonly lock?: string;
  /** A folder for what was printed and a report; it must not exist. */
  readonly evidence?: string;
  readonly json: boolean;
}

const TIMEOUT_MS = 300_000;
const MAX_OUTPUT_BYTES = 16_777_216;

/** Runs what a bundle says can prove it, in a sandbox with nothing granted, after every check has passed. */
export async function testVerb(
  path: string,
  { steps, lock, evidence, json }: TestVerbOptions,
  terminal: Terminal,
): Promise<number> {
  if (evidence !== undefined && (await lstat(evidence).catch(() => undefined))) {
    throw new UsageError(`Cannot write evidence to "${evidence}": it exists; name a new folder`);
  }
  const read = await readBundle(path, {}, terminal);
  if ("kind" in read) return refused(read, json, terminal);
  const { name, selfTest: declared } = read.manifest;
  const known = declared
    ? ([
        ...(declared.imports.length > 0 ? ["imports"] : []),
        ...(declared.command ? ["tests"] : []),
      ] as const)
    : [];
  const wanted = steps ?? known.filter((step) => step === "imports" || step === "tests");
  if (!declared || wanted.length === 0) {
    throw new Error(`Cannot test "${path}": ${name} declares no self_test, so nothing was tested`);
  }
  const unlocked = lock === undefined ? undefined : await lockRefusal(read, lock);
  if (unlocked) {
    terminal.err(`Cannot test "${escaped(path)}": ${rejectionText(unlocked)}`);
    return EXIT.rejected;
  }
  terminal.err(
    `Running ${wanted.join(" and ")} of ${name} in a sandbox, for ${TIMEOUT_MS / 1_000} s at most each`,
  );
  const outcome = await runTests(read, declared, wanted);
  if (evidence !== undefined) await writeEvidence(evidence, outcome.evidence);
  return show(outcome, json, terminal);
}

async function runTests(
  { bytes }: ReadBundle,
  declared: NonNullable<ReadBundle["manifest"]["selfTest"]>,
  steps: readonly SelfTestStep[],
): Promise<SelfTestOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "bundle-test-"));
  try {
    // Programs run as somebody else when this command runs as root, who must be able to reach the tree and no more.
    await chmod(folder, 0o711);
    const tree = await extractBundle(bytes, join(folder, "tree"));
    if (!tree.ok) throw new Error(`Cannot extract the bundle: ${tree.rejection.kind}`);
    await chmod(tree.path, 0o755);
    const limits = { timeoutMs: TIMEOUT_MS, maxOutputBytes: MAX_OUTPUT_BYTES };
    return await selfTest(tree, { run: sandboxedRun, declared, steps, ...limits });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function lockRefusal(
  { digest, manifest: { name: plugin, version } }: ReadBundle,
  lock: string,
): Promise<PluginRejection | undefined> {
  const outcome = await readLockfile(lock);
  if (!outcome.ok) return outcome.rejection;
  const locked = Object.entries(outcome.lock.plugins).find(([name]) => name === plugin)?.[1];
  if (!locked) return { kind: "unlocked_plugin", plugin, dir: "" };
  if (locked.version !== undefined && locked.version !== version) {
    return { kind: "version_mismatch", plugin, locked: locked.version, actual: version };
  }
  const answer = await applyVerifier(treeDigestVerifier(), { plugin, version, digest, locked });
  return answer.ok ? undefined : answer.rejection;
}

function show(outcome: SelfTestOutcome, json: boolean, { out, err }: Terminal): number {
  const { digest, steps, stdoutSha256, stderrSha256 } = outcome.evidence;
  if (json) {
    const rejection = outcome.ok ? {} : { rejection: outcome.rejection };
    out(
      JSON.stringify({ ok: outcome.ok, digest, steps, stdoutSha256, stderrSha256, ...rejection }),
    );
  } else {
    for (const { step, outcome: ended, durationMs } of steps) {
      out(`${ended === "passed" ? "passed" : "FAILED"}  ${step}, ${Math.round(durationMs)} ms`);
    }
    if (!outcome.ok) {
      err(describeRejection(outcome.rejection));
      for (const line of lastLines(outcome.evidence)) err(`  | ${escaped(line)}`);
    }
  }
  return outcome.ok ? EXIT.ok : EXIT.bundleRefused;
}

const lastLines = ({ stdout, stderr }: SelfTestEvidence): readonly string[] =>
  [stdout, stderr]
    .flatMap((bytes) => Buffer.from(bytes).toString().trimEnd().split("\n").slice(-10))
    .filter((line) => line !== "");

async function writeEvidence(folder: string, evidence: SelfTestEvidence): Promise<void> {
  const { stdout, stderr, ...report } = evidence;
  await mkdir(folder);
  await writeFile(join(folder, "stdout.log"), stdout, { flag: "wx" });
  await writeFile(join(folder, "stderr.log"), stderr, { flag: "wx" });
  await writeFile(join(folder, "report.json"), `${JSON.stringify(report, null, 2)}\n`, {
    flag: "wx",
  });
}
