import type { CapabilitySet } from "@sigilrt/capability";
import type { HighestTime } from "./clock.ts";
import { decide, isWellFormed, type MissionRule, type Verdict } from "./decide.ts";
import type { Leg } from "./decision.ts";
import type { Evaluation } from "./evaluation.ts";
import type { Standing } from "./grant.ts";
import type { GrantBook } from "./grant-book.ts";
import type { Handle } from "./handle.ts";
import { Fields, parseSubject, type Subject } from "./request.ts";
import type { SetCompiler } from "./set-compiler.ts";
import { shown } from "./shown.ts";

/** Gives a set of patterns a short name. */
export type Digest = (text: string) => string;

/** A request that was read. Absent subject: it is invalid. */
export interface Asked {
  readonly fields: Fields;
  readonly subject: Subject | undefined;
  /** Reading it threw. */
  readonly isBroken: boolean;
}

/** Evaluates requests against the grants that stand. Never throws: whatever throws inside is a denial. */
export class Evaluator {
  readonly #book: GrantBook;
  readonly #time: HighestTime;
  readonly #sets: SetCompiler;
  readonly #missionRule: MissionRule;
  readonly #digest: Digest | undefined;
  readonly #digests = new WeakMap<CapabilitySet, string>();

  constructor(
    book: GrantBook,
    time: HighestTime,
    sets: SetCompiler,
    missionRule: MissionRule,
    digest: Digest | undefined,
  ) {
    this.#book = book;
    this.#time = time;
    this.#sets = sets;
    this.#missionRule = missionRule;
    this.#digest = digest;
  }

  /** Reads a request once. */
  read(request: unknown): Asked {
    const fields = new Fields();
    try {
      fields.read(request);
      return { fields, subject: parseSubject(fields, this.#sets), isBroken: false };
    } catch {
      return { fields, subject: undefined, isBroken: true };
    }
  }

  evaluate({ fields, subject, isBroken }: Asked, capability: unknown, handle?: Handle): Evaluation {
    const asker = subject ?? fields;
    if (isBroken) return this.#settled("internal_error", asker, capability);
    if (!subject || typeof capability !== "string") {
      return this.#settled("request_invalid", asker, capability);
    }
    try {
      if (!isWellFormed(capability))
        return this.#settled("capability_malformed", asker, capability);
      const standing = this.#book.find(subject.plugin);
      const { reason, matched, validUntil } = decide({
        capability,
        subject,
        standing,
        handle,
        missionRule: this.#missionRule,
        now: this.#time.now(),
      });
      return {
        reason,
        matched,
        validUntil,
        generation: this.#book.generation,
        cached: false,
        plugin: subject.plugin,
        capability,
        asker,
        policy: this.#digest && this.#policyOf(subject, standing, handle, this.#digest),
      };
    } catch {
      return this.#settled("internal_error", asker, capability);
    }
  }

  /** Answers whether an allow is still one: the same grants, nothing expired, nothing revoked. */
  stillHolds({ generation, validUntil }: Evaluation, handle?: Handle): boolean {
    try {
      return (
        generation === this.#book.generation &&
        this.#time.now() < validUntil &&
        !handle?.isRevoked()
      );
    } catch {
      return false;
    }
  }

  /** A denial that no grant and no time can change. */
  #settled(reason: Verdict["reason"], asker: Subject | Fields, capability: unknown): Evaluation {
    return {
      reason,
      matched: noMatch,
      validUntil: Number.POSITIVE_INFINITY,
      generation: this.#book.generation,
      cached: false,
      plugin: shown(asker.plugin),
      capability: shown(capability),
      asker,
      policy: undefined,
    };
  }

  #policyOf(
    subject: Subject,
    standing: Standing | undefined,
    handle: Handle | undefined,
    digest: Digest,
  ): Evaluation["policy"] {
    const sets: Readonly<Record<Leg, CapabilitySet | undefined>> = {
      deny: standing?.deny,
      plugin: standing?.allow,
      handle: handle?.set,
      workspace: subject.workspace,
      user: subject.user,
      mission: subject.mission?.allow,
    };
    const policy: Partial<Record<Leg, string>> = {};
    for (const leg of legs) {
      const set = sets[leg];
      if (set) policy[leg] = this.#digestOf(set, digest);
    }
    return Object.freeze(policy);
  }

  #digestOf(set: CapabilitySet, digest: Digest): string {
    const known = this.#digests.get(set) ?? digest(set.patterns.join("\n"));
    if (typeof known !== "string")
      throw new TypeError("Cannot name a set: digest answered no text");
    this.#digests.set(set, known);
    return known;
  }
}

const noMatch = Object.freeze({});
const legs: readonly Leg[] = ["deny", "plugin", "handle", "workspace", "user", "mission"];
