import type { AuditAction, AuditRecord } from "./audit-store.ts";
import { EnforcerError } from "./enforcer-error.ts";
import {
  compileGrant,
  type Consent,
  type Grant,
  type GrantReview,
  isConsentTo,
  needsConsent,
  nothing,
  reviewGrant,
  type Standing,
} from "./grant.ts";
import { isPluginName } from "./plugin-name.ts";
import { type Recorder, supersede } from "./recorder.ts";
import { shown } from "./shown.ts";

const system = "system:enforcer";

/** The grants that stand. A change takes effect in one assignment, after its record is durable. */
export class GrantBook {
  readonly #recorder: Recorder;
  readonly #most: number;
  readonly #standing = new Map<string, Standing>();
  /** Names whose registration waits for its record. */
  readonly #pending = new Set<string>();
  #generation = 0;

  constructor(recorder: Recorder, most: number) {
    this.#recorder = recorder;
    this.#most = most;
  }

  get generation(): number {
    return this.#generation;
  }

  find(name: string): Standing | undefined {
    return this.#standing.get(name);
  }

  async register(name: string, grant: Grant): Promise<GrantReview> {
    if (!isPluginName(name)) {
      throw new EnforcerError(
        "INVALID_GRANT",
        `Cannot register "${shown(name)}": it is no plugin name; write a-z, 0-9 and single hyphens, at most 64 characters`,
      );
    }
    // Whoever registers first is not replaced: a second folder of one name would take over its grants.
    if (this.#standing.has(name) || this.#pending.has(name)) {
      throw new EnforcerError(
        "DUPLICATE_PLUGIN",
        `Cannot register "${name}": it is registered; replace its grant or unregister it`,
      );
    }
    if (this.#standing.size + this.#pending.size >= this.#most) {
      throw new EnforcerError(
        "LIMIT_EXCEEDED",
        `Cannot register "${name}": ${this.#most} plugins are registered; unregister one`,
      );
    }
    const after = compileGrant(name, grant);
    const review = reviewGrant(nothing, after);
    this.#pending.add(name);
    try {
      await this.#announce(changeRecord("grant.registered", system, name, after));
      this.#set(name, after);
      return review;
    } finally {
      this.#pending.delete(name);
    }
  }

  async unregister(name: string): Promise<boolean> {
    const before = this.#standing.get(name);
    if (!before) return false;
    this.#standing.delete(name);
    this.#generation += 1;
    await this.#recorder.note([changeRecord("grant.removed", system, name, before)]);
    return true;
  }

  async replace(name: string, grant: Grant, consent: Consent | undefined): Promise<GrantReview> {
    const before = this.#require(name);
    const after = compileGrant(name, grant);
    const review = reviewGrant(before, after);
    const isAgreed = consent ? isConsentTo(consent, review) : !needsConsent(before, after, review);
    if (!isAgreed) throw consentRequired(name, review, "pass a consent to exactly this review");

    const record = changeRecord("grant.replaced", consent?.userId ?? system, name, after);
    const receipt = await this.#announce(record);
    const current = this.#standing.get(name);
    if (current !== before) {
      // Unregistered or replaced meanwhile: the consent was to a change of a grant that is no more.
      const code = current ? "CONSENT_REQUIRED" : "UNKNOWN_PLUGIN";
      await this.#recorder.note([supersede(record, receipt, code)]);
      const standing = this.#require(name);
      throw consentRequired(name, reviewGrant(standing, after), "it changed; review again");
    }
    this.#set(name, after);
    return review;
  }

  #require(name: string): Standing {
    const standing = this.#standing.get(name);
    if (standing) return standing;
    throw new EnforcerError(
      "UNKNOWN_PLUGIN",
      `Cannot replace the grant of "${shown(name)}": it is not registered; register it`,
    );
  }

  #set(name: string, standing: Standing): void {
    this.#standing.set(name, standing);
    this.#generation += 1;
  }

  async #announce(record: AuditRecord): Promise<Parameters<typeof supersede>[1]> {
    const [receipt] = (await this.#recorder.write([record])) ?? [];
    if (receipt) return receipt;
    throw new EnforcerError(
      "AUDIT_UNAVAILABLE",
      `Cannot change the grant of "${record.plugin}": its record is not durable; see to the audit store`,
    );
  }
}

function changeRecord(
  action: AuditAction,
  actor: string,
  plugin: string,
  { allow, deny, expiresAt }: Standing,
): AuditRecord {
  const detail = Object.freeze({
    allow: allow.patterns.length,
    deny: deny.patterns.length,
    ...(Number.isFinite(expiresAt) && { expiresAt }),
  });
  return Object.freeze({ action, actor, plugin, result: "ok", reason: "ok", detail });
}

function consentRequired(name: string, review: GrantReview, remedy: string): EnforcerError {
  const { added, undenied } = review;
  return new EnforcerError(
    "CONSENT_REQUIRED",
    `Cannot replace the grant of "${name}": it adds ${added.length} rights, lifts ${undenied.length} denials or ends later, without consent; ${remedy}`,
    { review },
  );
}
