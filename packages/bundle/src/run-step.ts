import { BundleError } from "./bundle-error.ts";
import type { BundleRejection, SelfTestStep } from "./rejection.ts";
import type { SandboxedExit } from "./sandboxed-run.ts";
import type { SelfTestOptions } from "./self-test.ts";
import type { TranscriptWriter } from "./transcript.ts";

/** How a step ended. */
export interface StepEnd {
  /** Exit code of its last program; `null` when that did not end by itself. */
  readonly exitCode: number | null;
  /** Why it did not pass. */
  readonly rejection?: Extract<
    BundleRejection,
    { readonly kind: "self_test_failed" | "self_test_timeout" | "dirty_workspace" }
  >;
}

interface Program {
  readonly command: readonly [string, ...string[]];
  /** The module that it loads. */
  readonly module?: string;
}

const IMPORT = `import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
await import(pathToFileURL(resolve(process.argv[1])));
process.exit();`;

/** Runs the programs of one step until one does not pass. */
export async function runStep(
  step: SelfTestStep,
  tree: string,
  options: SelfTestOptions,
  transcript: TranscriptWriter,
): Promise<StepEnd> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  let end: StepEnd = { exitCode: null };
  for (const program of programsOf(step, options)) {
    // oxlint-disable-next-line no-await-in-loop -- a module that does not load ends the step
    end = await runProgram(step, program, { tree, deadline, options, transcript });
    if (end.rejection) return end;
  }
  return end;
}

/** Each module is loaded by a program of its own, so that one which ends the program hides no other. */
function programsOf(step: SelfTestStep, { declared }: SelfTestOptions): readonly Program[] {
  switch (step) {
    case "imports":
      return declared.imports.map((module) => ({
        command: ["node", "--input-type=module", "--eval", IMPORT, "--", module],
        module,
      }));
    case "tests":
      return declared.command ? [{ command: declared.command }] : [];
    default:
      return step satisfies never;
  }
}

interface Surroundings {
  readonly tree: string;
  readonly deadline: AbortSignal;
  readonly options: SelfTestOptions;
  readonly transcript: TranscriptWriter;
}

async function runProgram(
  step: SelfTestStep,
  { command, module }: Program,
  { tree, deadline, options, transcript }: Surroundings,
): Promise<StepEnd> {
  const { run, signal, timeoutMs } = options;
  const flood = new AbortController();
  const stops = [flood.signal, deadline, ...(signal ? [signal] : [])];
  const stop = AbortSignal.any(stops);
  let exit: SandboxedExit = { code: null, signal: null };
  try {
    exit = await run({
      command,
      tree,
      signal: stop,
      output(stream, bytes) {
        if (!transcript.write(stream, bytes)) flood.abort();
      },
    });
  } catch (cause) {
    if (!stop.aborted) throw unavailable(step, cause);
  }
  signal?.throwIfAborted();
  const exitCode = exit.code;
  const place = { step, ...(module !== undefined && { module }) };
  if (deadline.aborted) {
    const rejection = { kind: "self_test_timeout", ...place, timeoutMs } as const;
    return { exitCode, rejection: Object.freeze(rejection) };
  }
  if (exitCode === 0 && !flood.signal.aborted) return { exitCode };
  const { stdoutSha256, stderrSha256 } = transcript.read();
  const rejection = {
    kind: "self_test_failed",
    ...place,
    reason: reasonOf(exit, flood.signal),
    exitCode,
    signal: exit.signal,
    stdoutSha256,
    stderrSha256,
  } as const;
  return { exitCode, rejection: Object.freeze(rejection) };
}

function reasonOf(
  { code }: SandboxedExit,
  flood: AbortSignal,
): "exit-code" | "signal" | "output-too-large" {
  if (flood.aborted) return "output-too-large";
  return code === null ? "signal" : "exit-code";
}

function unavailable(step: SelfTestStep, cause: unknown): BundleError {
  const detail = cause instanceof Error ? cause.message : "no reason given";
  const message = `Cannot run self-test step ${step}: the sandbox did not run it: ${detail}`;
  return new BundleError("SANDBOX_UNAVAILABLE", message, { cause });
}
