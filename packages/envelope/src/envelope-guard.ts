import { decide, type OperationRequest } from "./decide.ts";
import type { Envelope } from "./envelope.ts";

/** What a manager asks its guards about; the parts of it that count here. */
export interface GuardedCall {
  /** On whose behalf, and under which mission. */
  readonly principal: { readonly mission?: { readonly id: string } };
}

/** What {@link envelopeGuard} is made of. */
export interface EnvelopeGuardOptions<Call extends GuardedCall> {
  /** Answers the envelope of a mission that is running; `undefined` for one that is not. */
  readonly find: (mission: string) => Envelope | undefined;
  /** Says what a call does: its operation, the paths in its arguments, its price. */
  readonly describe: (call: Call) => OperationRequest;
  /** Tells the time. */
  readonly clock: { now(): number };
}

/**
 * Makes a guard for a manager's `guards`: a call under a mission is held against the mission's whole envelope, paths and price
 * included, which the enforcer's leg does not see. A mission that is not running lets nothing through; a call without one is none of its
 * business. Like every guard it can only deny.
 */
export function envelopeGuard<Call extends GuardedCall>({
  find,
  describe,
  clock,
}: EnvelopeGuardOptions<Call>): (call: Call) => { readonly ok: boolean } {
  return (call) => {
    const { mission } = call.principal;
    if (mission === undefined) return { ok: true };
    const envelope = find(mission.id);
    if (envelope === undefined) return { ok: false };
    return { ok: decide(envelope, describe(call), clock.now()).allowed };
  };
}
