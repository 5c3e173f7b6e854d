import type { CallChunk } from "@sigilrt/lifecycle";
import type { CallOptions, CallOutcome, CallRequest, GuardAnswer } from "./call.ts";
import { Run } from "./call-run.ts";
import { decide, denied, refuseBefore, type Subject } from "./decide.ts";
import type { Generation } from "./generation.ts";
import { toolCapability } from "./grant-for.ts";
import { askGuards, type Limited, limited } from "./guards.ts";
import type { Instances } from "./instances.ts";
import { observeCall, type ObservedCall } from "./observe-call.ts";
import { offerCapability } from "./offer-capability.ts";
import type { Settings } from "./options.ts";

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
  let release: (() => void) | undefined;
  try {
    const startedAt = settings.clock.now();
    const guarded = await askGuards(request, settings);
    if (guarded.ok) ({ release } = guarded);
    const run = await admit(request, { guarded, startedAt }, options, context, observed);
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
    release?.();
    observed.end(outcome);
  }
  yield outcome;
}

/** Decision, once the guards were asked. Answers the run of a call that may run, else its outcome. */
async function admit(
  request: CallRequest,
  { guarded, startedAt }: { readonly guarded: GuardAnswer; readonly startedAt: number },
  options: CallOptions,
  context: CallContext,
  observed: ObservedCall,
): Promise<Run | CallOutcome> {
  const { settings, generation } = context;
  if (!guarded.ok) {
    observed.denied("limit");
    return limited(nameable(request, generation), guarded, settings, options.signal);
  }
  const plugin = generation.plugins.get(request.plugin);
  const decision = await observed.span.during("decide", () =>
    decide(subjectOf(request), settings, options.signal),
  );
  if (!decision.allowed) observed.denied(decision);
  const refusal = refuseBefore(decision, plugin);
  if (refusal || !plugin) return refusal ?? denied(decision, "not_available");
  return new Run(request, options, context, { plugin, decision, startedAt, observed });
}

/** What a call is decided as. */
export const subjectOf = ({ plugin, tool, principal, offer }: CallRequest): Subject => ({
  plugin,
  capability: offer ? offerCapability(plugin, offer.kind, tool) : `tool.${plugin}.${tool}`,
  principal,
});

/** What a record may name of a call that was stopped before its decision: a name that nobody knows is a stranger's text. */
function nameable(
  { plugin, tool, principal, offer }: CallRequest,
  { plugins }: Generation,
): Limited {
  const admitted = plugins.get(plugin);
  const capability = offer ? undefined : admitted && toolCapability(admitted.manifest.name, tool);
  return capability === undefined ? { principal } : { principal, plugin, capability };
}
