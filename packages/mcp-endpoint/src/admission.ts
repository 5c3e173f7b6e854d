import type { Principal } from "@sigilrt/manager";
import type { Settings } from "./options.ts";
import { RPC, type RpcError } from "./vocabulary.ts";
import { within } from "./within.ts";

/** Why a request may not go on now. */
export interface NotAdmitted {
  readonly error: RpcError;
  readonly retryAfterMs: number | undefined;
}

/**
 * Asks whether one more request of a principal may go on.
 *
 * @throws whatever `admit` throws, or an Error when it does not answer in time
 */
export async function admit(
  principal: Principal,
  { admit: ask, clock, limits }: Pick<Settings, "admit" | "clock" | "limits">,
  signal: AbortSignal,
): Promise<NotAdmitted | undefined> {
  const admission = await within(clock, limits.checkMs, signal, (stop) => ask(principal, stop));
  // Only the very word counts: the function may be anybody's code.
  const verdict: unknown = admission.ok;
  if (verdict === true) return undefined;
  const retryAfterMs = admission.ok ? undefined : admission.retryAfterMs;
  const data = retryAfterMs === undefined ? {} : { data: { retryAfterMs } };
  return { error: { code: RPC.refused, message: "Too many requests", ...data }, retryAfterMs };
}
