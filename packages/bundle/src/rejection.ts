import type { EntryRejection, FrameRejection, LocalRejection } from "./archive-rejection.ts";
import type { ContentRejection } from "./content-rejection.ts";

/** A program that a bundle names to prove itself. */
export type SelfTestStep = "imports" | "tests";

/** How a folder differs from the tree of a bundle: one path of it. */
export interface TreeDifference {
  /** The file or folder. */
  readonly path: string;
  /** What became of it. */
  readonly change: "changed" | "missing" | "added";
}

/** Why a folder or a self-test is refused. */
export type TreeRejection =
  | (TreeDifference & {
      /** The folder does not hold what the bundle holds. */
      readonly kind: "extraction_mismatch";
    })
  | (TreeDifference & {
      /** The step wrote into the tree that it tests. */
      readonly kind: "dirty_workspace";
      /** The step. */
      readonly step: SelfTestStep;
    })
  | {
      /** Left behind by a build or a test, in a tree to pack. */
      readonly kind: "byproduct";
      /** The file. */
      readonly path: string;
      /** The part of its path that says so. */
      readonly segment: string;
    }
  | {
      /** A step did not end with 0. */
      readonly kind: "self_test_failed";
      /** The step. */
      readonly step: SelfTestStep;
      /** The module that did not load; absent for tests. */
      readonly module?: string;
      /** How it ended, or that it printed more than it may. */
      readonly reason: "exit-code" | "signal" | "output-too-large";
      /** Its exit code; `null` when a signal ended it. */
      readonly exitCode: number | null;
      /** The signal that ended it; `null` when there was none. */
      readonly signal: string | null;
      /** SHA-256 in hex of standard output so far, all steps together. */
      readonly stdoutSha256: string;
      /** The same of standard error. */
      readonly stderrSha256: string;
    }
  | {
      /** A step did not end in time. */
      readonly kind: "self_test_timeout";
      /** The step. */
      readonly step: SelfTestStep;
      /** The module that was loading; absent for tests. */
      readonly module?: string;
      /** The time that a step has, in milliseconds. */
      readonly timeoutMs: number;
    };

/** Every refusal of this package, with exactly the evidence for it; frozen. */
export type BundleRejection =
  | FrameRejection
  | EntryRejection
  | LocalRejection
  | ContentRejection
  | TreeRejection;

/** A refusal as an outcome. */
export interface Refused {
  /** Refused. */
  readonly ok: false;
  /** Why. */
  readonly rejection: BundleRejection;
}

/** Freezes a refusal, so that nobody rewrites its evidence on the way. */
export function refuse(rejection: BundleRejection): Refused {
  return Object.freeze({ ok: false, rejection: Object.freeze(rejection) });
}
