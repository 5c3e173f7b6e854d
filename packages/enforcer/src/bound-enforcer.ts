import { CapabilitySet } from "@sigilrt/capability";
import type { Allowed, Decision } from "./decision.ts";
import { EnforcerError } from "./enforcer-error.ts";
import { type Evaluation, identify } from "./evaluation.ts";
import type { Asked, Evaluator } from "./evaluator.ts";
import type { Handle } from "./handle.ts";
import type { Ask } from "./record-decisions.ts";
import type { Recorder } from "./recorder.ts";
import type { CheckRequest } from "./request.ts";
import { shown } from "./shown.ts";
import { TwoMaps } from "./two-maps.ts";

/** Whose handle it is: a request without its capability. */
export type BoundSubject = Omit<CheckRequest, "capability">;

/** What a check may be given. */
export interface CheckOptions {
  /** Ends the wait. An allow whose record is not durable by then is denied. */
  readonly signal?: AbortSignal;
}

/** Checks for one subject. Hand it to code that may do no more than it allows. */
export interface BoundEnforcer {
  /** Decides and records. Never rejects. */
  check(capability: string, options?: CheckOptions): Promise<Decision>;
  /** Like `check`, for code that must not go on. @throws {@link EnforcerError} DENIED */
  enforce(capability: string, options?: CheckOptions): Promise<Allowed>;
  /**
   * Makes a narrower handle.
   *
   * @throws {@link EnforcerError} WIDENING when `patterns` is malformed or not covered by the set of this handle,
   *   LIMIT_EXCEEDED
   */
  attenuate(patterns: readonly string[]): BoundEnforcer;
  /** Ends this handle and every handle made from it, at once and for good. */
  revoke(): void;
}

/** What a handle needs of its enforcer. */
export interface Binding {
  readonly evaluator: Evaluator;
  readonly recorder: Recorder;
  readonly maxCached: number;
  answer(asks: readonly Ask[], options: CheckOptions | undefined): Promise<readonly Decision[]>;
}

/** Binds a subject that was read. */
export function bindHandle(binding: Binding, asked: Asked, handle: Handle): BoundEnforcer {
  const cache = new AnswerCache(binding.maxCached);

  const ask = (capability: string): Ask => ({
    evaluate() {
      const known = cache.get(capability);
      if (known && binding.evaluator.stillHolds(known, handle)) return { ...known, cached: true };
      const evaluation = binding.evaluator.evaluate(asked, capability, handle);
      cache.set(evaluation);
      return evaluation;
    },
    stillHolds: (evaluation) => binding.evaluator.stillHolds(evaluation, handle),
  });

  const check = async (capability: string, options?: CheckOptions): Promise<Decision> => {
    const [decision] = await binding.answer([ask(capability)], options);
    return required(decision);
  };

  return Object.freeze({
    check,
    async enforce(capability: string, options?: CheckOptions) {
      return requireAllowed(await check(capability, options));
    },
    attenuate(patterns: readonly string[]) {
      return bindHandle(binding, asked, handle.attenuate(narrower(patterns)));
    },
    revoke() {
      if (!handle.revoke()) return;
      void binding.recorder.note([
        Object.freeze({
          action: "handle.revoked",
          ...identify(asked.subject ?? asked.fields),
          plugin: shown(asked.fields.plugin),
          result: "ok",
          reason: "ok",
        }),
      ]);
    },
  });
}

/** Returns an allow, and throws a denial without its reason. @throws EnforcerError DENIED */
export function requireAllowed(decision: Decision): Allowed {
  if (decision.allowed) return decision;
  const answer = decision.reason === "capability_malformed" ? "malformed" : "denied";
  throw new EnforcerError("DENIED", `Cannot use "${shown(decision.capability)}": ${answer}`, {
    decision,
  });
}

/** Every ask has its decision: one that has not is a fault of ours. */
export function required(decision: Decision | undefined): Decision {
  if (!decision) throw new TypeError("Cannot answer: a request was not decided");
  return decision;
}

function narrower(patterns: readonly string[]): CapabilitySet {
  try {
    return CapabilitySet.from(patterns);
  } catch (cause) {
    throw new EnforcerError(
      "WIDENING",
      "Cannot attenuate a handle: its patterns are no well-formed set; pass a list of patterns",
      { cause },
    );
  }
}

const MAX_CACHED_UNITS = 256;

/** Answers by exact capability. Whoever takes one out asks whether it still holds: grants and times may have changed. */
class AnswerCache {
  readonly #answers: TwoMaps<Evaluation>;

  constructor(most: number) {
    this.#answers = new TwoMaps(Math.ceil(most / 2));
  }

  get(capability: string): Evaluation | undefined {
    return this.#answers.get(capability);
  }

  set(evaluation: Evaluation): void {
    const { reason, capability } = evaluation;
    // Only well-formed capabilities of usual length: an attacker could fill the cache with noise.
    if (unkept.has(reason) || capability.length > MAX_CACHED_UNITS) return;
    this.#answers.set(capability, evaluation);
  }
}

const unkept: ReadonlySet<Evaluation["reason"]> = new Set([
  "request_invalid",
  "capability_malformed",
  "internal_error",
]);
