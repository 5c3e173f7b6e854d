import { checkSafePath, parseFileList } from "@sigilrt/canonical";
import { BundleError, ioError } from "./bundle-error.ts";
import { compareTree } from "./compare-tree.ts";
import { expectedFiles, type ExtractedBundle } from "./extract.ts";
import { quoted } from "./quoted.ts";
import {
  type BundleRejection,
  refuse,
  type SelfTestStep,
  type TreeDifference,
} from "./rejection.ts";
import { runStep, type StepEnd } from "./run-step.ts";
import type { SandboxedRun } from "./sandboxed-run.ts";
import { createTranscript, type Transcript, type TranscriptWriter } from "./transcript.ts";
import type { TreeDigest } from "./tree-digest.ts";

/** What a plugin says can prove it: `self_test` of its `plugin.yaml`, in the form that `@sigilrt/manifest` gives it. */
export interface SelfTestDeclaration {
  /** Modules that must load in Node, relative to the tree. */
  readonly imports: readonly string[];
  /** A command that must end with 0; its working folder is the tree. */
  readonly command?: readonly [string, ...string[]];
}

/** What to run, and how. */
export interface SelfTestOptions {
  /** Runs one program in a sandbox. There is no default: code of a bundle never runs outside one. */
  readonly run: SandboxedRun;
  /** What the plugin declares. */
  readonly declared: SelfTestDeclaration;
  /** The steps, in this order; a step for which nothing is declared is a mistake, never a pass. */
  readonly steps: readonly SelfTestStep[];
  /** How long one step may take, in milliseconds. */
  readonly timeoutMs: number;
  /** How many bytes all steps together may print. */
  readonly maxOutputBytes: number;
  /** Ends the program that runs; the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** How one step went. */
export interface SelfTestStepReport {
  /** The step. */
  readonly step: SelfTestStep;
  /** `passed`, or the kind of the refusal. */
  readonly outcome: "passed" | "self_test_failed" | "self_test_timeout" | "dirty_workspace";
  /** Exit code of its last program; `null` when that did not end by itself. */
  readonly exitCode: number | null;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
}

/** What the steps printed, byte for byte, and how each went. */
export interface SelfTestEvidence extends Transcript {
  /** The tree that was tested. */
  readonly digest: TreeDigest;
  /** The steps that were run, in order. */
  readonly steps: readonly SelfTestStepReport[];
}

/** What became of a self-test, with its evidence. */
export type SelfTestOutcome =
  | {
      /** Every step passed. */
      readonly ok: true;
      /** What was seen. */
      readonly evidence: SelfTestEvidence;
    }
  | {
      /** A step did not pass, or the folder was not the bundle before the first one. */
      readonly ok: false;
      /** Why. */
      readonly rejection: BundleRejection;
      /** What was seen until then. */
      readonly evidence: SelfTestEvidence;
    };

/**
 * Runs what a bundle says can prove it, in the sandbox that the caller passes, and nothing outside it. The tree is compared with the
 * bundle before the first step and after each; the first step that does not pass ends the test.
 *
 * @throws RangeError for a step that is not declared, no step at all, or a limit that is no whole number above 0
 * @throws {@link BundleError} `SANDBOX_UNAVAILABLE` when `run` rejects, which is never a skipped step; `IO` when the tree cannot be read
 */
export async function selfTest(
  tree: ExtractedBundle,
  options: SelfTestOptions,
): Promise<SelfTestOutcome> {
  checkOptions(options);
  const transcript = createTranscript(options.maxOutputBytes);
  const reports: SelfTestStepReport[] = [];
  const changed = await differenceIn(tree, options.signal);
  if (changed) {
    const { rejection } = refuse({ kind: "extraction_mismatch", ...changed });
    return outcomeOf(tree, reports, transcript, rejection);
  }
  for (const step of options.steps) {
    const startedAt = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- one step after the other, and none after a failure
    const { exitCode, rejection } = await runAndCompare(step, tree, options, transcript);
    const outcome = rejection?.kind ?? "passed";
    const durationMs = performance.now() - startedAt;
    reports.push(Object.freeze({ step, outcome, exitCode, durationMs }));
    if (rejection) return outcomeOf(tree, reports, transcript, rejection);
  }
  return outcomeOf(tree, reports, transcript);
}

function checkOptions({ steps, declared, timeoutMs, maxOutputBytes }: SelfTestOptions): void {
  if (steps.length === 0) refuseOptions("no step is named");
  for (const step of steps) {
    const isDeclared = step === "imports" ? declared.imports.length > 0 : declared.command;
    if (!isDeclared) refuseOptions(`the plugin declares nothing for step ${quoted(step)}`);
  }
  const unsafe = declared.imports.find((path) => checkSafePath(path) !== undefined);
  if (unsafe !== undefined) refuseOptions(`${quoted(unsafe)} is no path below the tree`);
  for (const [name, value] of Object.entries({ timeoutMs, maxOutputBytes })) {
    const isCount = Number.isSafeInteger(value) && value > 0;
    if (!isCount) refuseOptions(`${name} is no whole number above 0`);
  }
}

function refuseOptions(fault: string): never {
  throw new RangeError(`Cannot run self-test: ${fault}`);
}

async function runAndCompare(
  step: SelfTestStep,
  tree: ExtractedBundle,
  options: SelfTestOptions,
  transcript: TranscriptWriter,
): Promise<StepEnd> {
  const end = await runStep(step, tree.path, options, transcript);
  if (end.rejection) return end;
  // A test that writes a cache beside the code it tests leaves another tree than was approved.
  const changed = await differenceIn(tree, options.signal);
  if (!changed) return end;
  return { ...end, rejection: Object.freeze({ kind: "dirty_workspace", step, ...changed }) };
}

async function differenceIn(
  { path, digest, fileList }: ExtractedBundle,
  signal: AbortSignal | undefined,
): Promise<TreeDifference | undefined> {
  const files = expectedFiles(parseFileList(Buffer.from(fileList)), digest);
  try {
    return await compareTree(path, files, signal);
  } catch (cause) {
    if (cause instanceof BundleError || signal?.aborted === true) throw cause;
    throw ioError(`read the extracted bundle ${quoted(path)}`, cause);
  }
}

function outcomeOf(
  { digest }: ExtractedBundle,
  reports: readonly SelfTestStepReport[],
  transcript: TranscriptWriter,
  rejection?: BundleRejection,
): SelfTestOutcome {
  const steps = Object.freeze([...reports]);
  const evidence = Object.freeze({ digest, steps, ...transcript.read() });
  return Object.freeze(
    rejection ? { ok: false, rejection, evidence } : ({ ok: true, evidence } as const),
  );
}
