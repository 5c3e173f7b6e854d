import { CapabilitySet } from "@sigilrt/capability";
import type { CallOutcome, GuardAnswer, GuardedRequest, Principal } from "./call.ts";
import type { Settings } from "./options.ts";

/** Asks the guards one after the other; answers as the first that is against it, and says yes when none is. A yes is released once. */
export async function askGuards(
  request: GuardedRequest,
  { guards }: Pick<Settings, "guards">,
): Promise<GuardAnswer> {
  const releases: (() => void)[] = [];
  const release = (): void => {
    for (const each of releases.splice(0)) quietly(each);
  };
  for (const guard of guards) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the first denial ends it
      const answer = await guard(shownTo(request));
      // Only the very word counts: a guard may be anybody's code.
      const verdict: unknown = answer.ok;
      if (verdict !== true) {
        release();
        return { ok: false, ...retryOf(answer) };
      }
      if (answer.ok && answer.release) releases.push(answer.release);
    } catch {
      release();
      return { ok: false };
    }
  }
  return { ok: true, release };
}

function quietly(release: () => void): void {
  try {
    release();
  } catch {
    // A guard that fails now has already had its say.
  }
}

/** A guard may only deny: rights that it writes into what it is shown are not decided by. */
function shownTo(request: GuardedRequest): GuardedRequest {
  const { workspaceAllow, permissions } = request.principal;
  const principal = Object.freeze({
    ...request.principal,
    workspaceAllow: copied(workspaceAllow),
    permissions: copied(permissions),
  });
  return Object.freeze({ ...request, principal });
}

const copied = (set: Principal["permissions"]): Principal["permissions"] =>
  set instanceof CapabilitySet ? set : [...set];

const retryOf = (answer: GuardAnswer): { readonly retryAfterMs?: number } =>
  !answer.ok && answer.retryAfterMs !== undefined ? { retryAfterMs: answer.retryAfterMs } : {};

/** What a guard stopped. The plugin and the capability are absent where their names are a stranger's text. */
export interface Limited {
  readonly principal: Principal;
  readonly plugin?: string;
  readonly capability?: string;
}

/** The outcome of what a guard stopped. A limit that said no is a decision like any other, on record, and the caller can name it. */
export async function limited(
  { principal, ...named }: Limited,
  { retryAfterMs }: { readonly retryAfterMs?: number },
  { audit }: Pick<Settings, "audit">,
  signal: AbortSignal | undefined,
): Promise<Extract<CallOutcome, { readonly kind: "denied" }>> {
  const record = {
    action: "capability_check",
    actor: principal.user,
    workspace: principal.workspace,
    ...(principal.session === undefined ? {} : { session: principal.session }),
    ...named,
    result: "denied",
    reason: "limit",
  } as const;
  const receipts = await audit.append([record], signal ? { signal } : {}).catch(() => []);
  const decisionId = receipts[0]?.decisionId ?? "unrecorded";
  const outcome = { kind: "denied", publicReason: "limit", decisionId } as const;
  return retryAfterMs === undefined ? outcome : { ...outcome, retryAfterMs };
}
