import type { CallGuard } from "@sigilrt/manager";

const MINUTE_MS = 60_000;

/**
 * A guard that lets each user make so many calls a minute, all workspaces together, as a token bucket: what was not used may be used
 * at once, up to a minute's worth.
 */
export function rateLimit(callsPerMinute: number, clock: { now(): number }): CallGuard {
  const buckets = new Map<string, { left: number; at: number }>();
  const intervalMs = MINUTE_MS / callsPerMinute;
  return ({ principal: { user } }) => {
    const now = clock.now();
    const { left, at } = buckets.get(user) ?? { left: callsPerMinute, at: now };
    const refilled = Math.min(callsPerMinute, left + Math.max(0, now - at) / intervalMs);
    const isLet = refilled >= 1;
    buckets.set(user, { left: isLet ? refilled - 1 : refilled, at: now });
    return isLet
      ? { ok: true }
      : { ok: false, retryAfterMs: Math.ceil((1 - refilled) * intervalMs) };
  };
}
