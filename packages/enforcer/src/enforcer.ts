import type { AuditStore } from "./audit-store.ts";
import {
  type Binding,
  type BoundEnforcer,
  type BoundSubject,
  bindHandle,
  type CheckOptions,
  required,
  requireAllowed,
} from "./bound-enforcer.ts";
import { type Clock, HighestTime } from "./clock.ts";
import type { Allowed, Decision, DryRun } from "./decision.ts";
import {
  type EffectivePermissions,
  effectivePermissions,
  type EffectiveSubject,
} from "./effective.ts";
import { type EnforcerOptions, readOptions, type Settings } from "./enforcer-options.ts";
import { toDecision, toDryRun } from "./evaluation.ts";
import { Evaluator } from "./evaluator.ts";
import { changesFor, type Explanation, explainLegs } from "./explanation.ts";
import type { Consent, Grant, GrantReview } from "./grant.ts";
import { GrantBook } from "./grant-book.ts";
import { Handle, HandleCount } from "./handle.ts";
import { type Ask, recordDecisions } from "./record-decisions.ts";
import { Recorder } from "./recorder.ts";
import { type CheckRequest, parseMission } from "./request.ts";
import { SetCompiler } from "./set-compiler.ts";

/**
 * The one place that answers "may this plugin do this, for this user, in this workspace, now?". Deny wins over every
 * allow, a leg can only narrow, and an allow waits for its durable record.
 */
export class Enforcer {
  readonly #settings: Settings;
  readonly #time: HighestTime;
  readonly #sets = new SetCompiler();
  readonly #recorder: Recorder;
  readonly #book: GrantBook;
  readonly #evaluator: Evaluator;
  readonly #handles: HandleCount;

  /**
   * Makes an enforcer without grants. `Date` is a Clock.
   *
   * @throws TypeError without a store or a clock, and for an option of the wrong type; RangeError for a number out of range
   */
  constructor(audit: AuditStore, clock: Clock, options: EnforcerOptions = {}) {
    if (typeof audit?.append !== "function") {
      throw new TypeError("Cannot make an enforcer: no audit store; pass an AuditStore");
    }
    if (typeof clock?.now !== "function") {
      throw new TypeError("Cannot make an enforcer: no clock; pass a Clock such as Date");
    }
    const settings = readOptions(options);
    const { missionRule, digest, limits } = settings;
    this.#settings = settings;
    this.#time = new HighestTime(clock);
    this.#recorder = new Recorder(audit, settings.auditTimeoutMs, settings.deadline);
    this.#book = new GrantBook(this.#recorder, limits.plugins);
    this.#evaluator = new Evaluator(this.#book, this.#time, this.#sets, missionRule, digest);
    this.#handles = new HandleCount(limits.handles);
  }

  /** How often the grants have changed. */
  get generation(): number {
    return this.#book.generation;
  }

  /** How many denials, removals and revocations took effect without a durable record. Above 0, health is red. */
  get lostDenials(): number {
    return this.#recorder.lost;
  }

  /**
   * Registers a plugin. The grant takes effect once its record is durable.
   *
   * @throws {@link EnforcerError} DUPLICATE_PLUGIN, INVALID_GRANT, LIMIT_EXCEEDED, AUDIT_UNAVAILABLE
   */
  registerPlugin(name: string, grant: Grant): Promise<GrantReview> {
    return this.#book.register(name, grant);
  }

  /** Takes all rights from a plugin, at once. Resolves after the record, with `false` when it was not registered. */
  unregisterPlugin(name: string): Promise<boolean> {
    return this.#book.unregister(name);
  }

  /**
   * Replaces the grant when it asks for nothing more, or when `consent` names exactly what it adds. A lost deny
   * and a later end are more, too. It takes effect once its record is durable, in one assignment.
   *
   * @throws {@link EnforcerError} UNKNOWN_PLUGIN, INVALID_GRANT, CONSENT_REQUIRED with the review, AUDIT_UNAVAILABLE
   */
  replacePlugin(
    name: string,
    grant: Grant,
    options?: { readonly consent?: Consent },
  ): Promise<GrantReview> {
    return this.#book.replace(name, grant, options?.consent);
  }

  /** Decides and records. Never rejects. */
  async check(request: CheckRequest, options?: CheckOptions): Promise<Decision> {
    const [decision] = await this.#answer([this.#ask(request)], options);
    return required(decision);
  }

  /** Like `check`, for code that must not go on. @throws {@link EnforcerError} DENIED */
  async enforce(request: CheckRequest, options?: CheckOptions): Promise<Allowed> {
    return requireAllowed(await this.check(request, options));
  }

  /** Decides all and records them with one append; answers in the order of the requests. Never rejects. */
  checkMany(
    requests: readonly CheckRequest[],
    options?: CheckOptions,
  ): Promise<readonly Decision[]> {
    return this.#answer(
      Array.from(requests, (request) => this.#ask(request)),
      options,
    );
  }

  /** Decides without a record, for lists, pages and tests. Never authorises an effect. */
  evaluate(request: CheckRequest): DryRun {
    const asked = this.#evaluator.read(request);
    return toDryRun(this.#evaluator.evaluate(asked, asked.fields.capability));
  }

  /**
   * Evaluates every leg, even after one that stops the request, and names the smallest change that would allow it. Without
   * a record. For people who may see the policy: never forward it to a plugin or a caller.
   */
  explain(request: CheckRequest): Explanation {
    const asked = this.#evaluator.read(request);
    const { reason, ...facts } = this.#evaluator.evaluate(asked, asked.fields.capability);
    const { plugin, capability, generation } = facts;
    const head = { allowed: reason === "allowed", reason, plugin, capability, generation };
    const { subject } = asked;
    if (!subject || unexplained.has(reason)) {
      const text = "write a well-formed request";
      const changes = Object.freeze([Object.freeze({ kind: "correct_request" as const, text })]);
      return Object.freeze({ ...head, legs: Object.freeze([]), changes });
    }
    const explained = {
      capability,
      subject,
      standing: this.#book.find(subject.plugin),
      isMissionRequired: this.#needsMission(),
      now: this.#time.now(),
    };
    const legs = explainLegs(explained);
    return Object.freeze({ ...head, legs, changes: changesFor(explained, legs) });
  }

  /** Writes down what a plugin may for somebody somewhere. An unknown plugin, or an expired grant or mission, may nothing. */
  effective(subject: EffectiveSubject): EffectivePermissions {
    const { plugin, workspaceAllow, userPermissions, mission: source } = subject;
    const now = this.#time.now();
    const standing = this.#book.find(plugin);
    if (!standing || now >= standing.expiresAt) return nothingAtAll;
    const legs = [
      standing.allow,
      this.#sets.compile(workspaceAllow),
      this.#sets.compile(userPermissions),
    ] as const;
    if (source === undefined) {
      return this.#needsMission() ? nothingAtAll : effectivePermissions(legs, standing.deny);
    }
    const mission = parseMission(source, this.#sets);
    if (!mission || now >= mission.expiresAt) return nothingAtAll;
    return effectivePermissions([...legs, mission.allow], standing.deny);
  }

  /**
   * Fixes a subject, so that only the capability is left to ask. A handle counts until it is revoked.
   *
   * @throws {@link EnforcerError} LIMIT_EXCEEDED
   */
  bind(subject: BoundSubject): BoundEnforcer {
    const binding: Binding = {
      evaluator: this.#evaluator,
      recorder: this.#recorder,
      maxCached: this.#settings.limits.cache,
      answer: (asks, options) => this.#answer(asks, options),
    };
    return bindHandle(binding, this.#evaluator.read(subject), new Handle(this.#handles));
  }

  #needsMission(): boolean {
    return this.#settings.missionRule === "required";
  }

  #ask(request: CheckRequest): Ask {
    const asked = this.#evaluator.read(request);
    return {
      evaluate: () => this.#evaluator.evaluate(asked, asked.fields.capability),
      stillHolds: (evaluation) => this.#evaluator.stillHolds(evaluation),
    };
  }

  async #answer(
    asks: readonly Ask[],
    options: CheckOptions | undefined,
  ): Promise<readonly Decision[]> {
    try {
      return await recordDecisions(asks, this.#recorder, options?.signal);
    } catch {
      // An option that is no signal, a deadline that throws: deny, and say that there is no record.
      this.#recorder.countLost(asks.length);
      return asks.map((ask) => toDecision(ask.evaluate(), undefined, "internal_error"));
    }
  }
}

const unexplained: ReadonlySet<string> = new Set([
  "request_invalid",
  "capability_malformed",
  "internal_error",
]);
const nothingAtAll: EffectivePermissions = Object.freeze({
  allow: Object.freeze([]),
  except: Object.freeze([]),
});
