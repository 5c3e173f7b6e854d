import { type Decision, publicAnswer } from "@sigilrt/enforcer";
import type { CallChunk } from "@sigilrt/lifecycle";
import type { CallOptions, CallOutcome, CallRequest, GuardAnswer } from "./call.ts";
import { denied } from "./call-outcome.ts";
import { Run } from "./call-run.ts";
import type { Generation } from "./generation.ts";
import { toolCapability } from "./grant-for.ts";
import type { Instances } from "./instances.ts";
import { observeCall, type ObservedCall } from "./observe-call.ts";
import type { Settings } from "./options.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** What a call needs of its manager. */
export interface CallContext {
  readonly settings: Settings;
  readonly generation: Generation;
  readonly instances: Instances;
  /** Aborts when the plugin that the call began with was replaced and its time to finish is over. */
  readonly drainLimit: AbortSignal | undefined;
  /** Aborts when the manager closes without waiting any longer. */
  readonly closing: AbortSignal;
  /** Counts a record that was lost after its effect. */
  readonly lost: () => void;
}

/**
 * Runs one call: guards, decision, instance, host, outcome record, in this order. Yields the chunks of the tool and then exactly
 * one outcome; leaving the loop early cancels the call.
 */
export async function* runCall(
  request: CallRequest,
  options: CallOptions,
  context: CallContext,
): AsyncGenerator<CallChunk | CallOutcome> {
  const { settings, generation } = context;
  const observed = observeCall(request, generation.plugins.get(request.plugin), settings);
  let outcome: CallOutcome = { kind: "cancelled", by: "caller" };
  try {
    const run = await admit(request, options, context, observed);
    if (run instanceof Run) {
      try {
        yield* run.chunks();
      } finally {
        ({ outcome } = run);
        // Also when the reader left early: an allow without outcome would mean that its effect is unknown.
        await run.record();
      }
    } else outcome = run;
  } finally {
    observed.end(outcome);
  }
  yield outcome;
}

/** Guards and decision. Answers the run of a call that may run, else its outcome. */
async function admit(
  request: CallRequest,
  options: CallOptions,
  context: CallContext,
  observed: ObservedCall,
): Promise<Run | CallOutcome> {
  const { settings, generation } = context;
  const startedAt = settings.clock.now();
  const guarded = await askGuards(request, settings);
  if (!guarded.ok) {
    const { retryAfterMs } = guarded;
    observed.denied("limit");
    const decisionId = await recordLimit(request, context, options.signal);
    const limited = { kind: "denied", publicReason: "limit", decisionId } as const;
    return retryAfterMs === undefined ? limited : { ...limited, retryAfterMs };
  }
  const plugin = generation.plugins.get(request.plugin);
  const decision = await observed.span.during("decide", () =>
    decide(request, settings, options.signal),
  );
  if (!decision.allowed) observed.denied(decision);
  const refusal = refuseBefore(decision, plugin);
  if (refusal || !plugin) return refusal ?? denied(decision, "not_available");
  return new Run(request, options, context, { plugin, decision, startedAt, observed });
}

async function askGuards(request: CallRequest, { guards }: Settings): Promise<GuardAnswer> {
  for (const guard of guards) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- the first denial ends it
      const answer = await guard(request);
      // Only the very word counts: a guard may be anybody's code.
      const verdict: unknown = answer.ok;
      if (verdict !== true) return { ok: false, ...retryOf(answer) };
    } catch {
      return { ok: false };
    }
  }
  return { ok: true };
}

const retryOf = (answer: GuardAnswer): { readonly retryAfterMs?: number } =>
  !answer.ok && answer.retryAfterMs !== undefined ? { retryAfterMs: answer.retryAfterMs } : {};

/** A limit that said no is a decision like any other, and the caller can name it. */
async function recordLimit(
  { plugin, tool, principal }: CallRequest,
  { settings: { audit }, generation }: CallContext,
  signal: AbortSignal | undefined,
): Promise<string> {
  const admitted = generation.plugins.get(plugin);
  const capability = admitted && toolCapability(admitted.manifest.name, tool);
  const record = {
    action: "capability_check",
    actor: principal.user,
    workspace: principal.workspace,
    ...(principal.session === undefined ? {} : { session: principal.session }),
    // A name that nobody knows is a stranger's text.
    ...(capability === undefined ? {} : { plugin, capability }),
    result: "denied",
    reason: "limit",
  } as const;
  try {
    const [receipt] = await audit.append([record], signal ? { signal } : {});
    return receipt?.decisionId ?? "unrecorded";
  } catch {
    return "unrecorded";
  }
}

function decide(
  { plugin, tool, principal }: CallRequest,
  { enforcer }: Settings,
  signal: AbortSignal | undefined,
): Promise<Decision> {
  const { workspace, user, workspaceAllow, permissions, mission, session } = principal;
  return enforcer.check(
    {
      plugin,
      capability: `tool.${plugin}.${tool}`,
      userId: user,
      workspaceId: workspace,
      workspaceAllow,
      userPermissions: permissions,
      ...(mission === undefined ? {} : { mission }),
      ...(session === undefined ? {} : { sessionId: session }),
    },
    signal ? { signal } : {},
  );
}

/** The answer to a call that is not to run, in the words a caller may hear. */
function refuseBefore(
  decision: Decision,
  plugin: AdmittedPlugin | undefined,
): CallOutcome | undefined {
  if (decision.allowed) return undefined;
  const answer = publicAnswer(decision);
  if (!answer.allowed && answer.reason === "malformed") {
    return {
      kind: "invalid",
      issues: [{ path: ["tool"], message: "Cannot call: malformed name" }],
    };
  }
  return denied(decision, plugin ? "not_allowed" : "not_available");
}
