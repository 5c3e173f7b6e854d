import { randomUUID } from "node:crypto";
import type { Decision } from "@sigilrt/enforcer";
import { type CallChunk, LifecycleError, type PluginState } from "@sigilrt/lifecycle";
import type { CallMeta, CallOptions, CallOutcome, CallRequest } from "./call.ts";
import { decide, decisionIdOf, denied, refuseBefore } from "./decide.ts";
import type { Generation } from "./generation.ts";
import { toolCapability } from "./grant-for.ts";
import { askGuards, type Limited, limited } from "./guards.ts";
import type { Instances } from "./instances.ts";
import { unavailable } from "./unavailable.ts";
import type { Settings } from "./options.ts";
import { reasonOf, recordOutcome } from "./record-outcome.ts";
import { untilIgnored } from "./until-ignored.ts";
import type { AdmittedPlugin } from "./verify.ts";
import { watchIdle } from "./watch-idle.ts";

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
  const startedAt = settings.clock.now();
  const guarded = await askGuards(request, settings);
  if (!guarded.ok) {
    yield await limited(nameable(request, generation), guarded, settings, options.signal);
    return;
  }
  const plugin = generation.plugins.get(request.plugin);
  const { principal, tool } = request;
  const subject = {
    plugin: request.plugin,
    capability: `tool.${request.plugin}.${tool}`,
    principal,
  };
  const decision = await decide(subject, settings, options.signal);
  const refusal = refuseBefore(decision, plugin);
  if (refusal || !plugin) {
    yield refusal ?? denied(decision, "not_available");
    return;
  }
  const run = new Run(request, options, context, plugin, decision, startedAt);
  try {
    yield* run.chunks();
  } finally {
    // Also when the reader left early: an allow without outcome would mean that its effect is unknown.
    await run.record();
  }
  yield run.outcome;
}

class Run {
  outcome: CallOutcome = { kind: "cancelled", by: "caller" };
  readonly #request: CallRequest;
  readonly #options: CallOptions;
  readonly #context: CallContext;
  readonly #plugin: AdmittedPlugin;
  readonly #decision: Decision;
  readonly #startedAt: number;
  readonly #idle = new AbortController();
  readonly #late = new AbortController();
  #instance: { readonly state: PluginState } | undefined;

  constructor(
    request: CallRequest,
    options: CallOptions,
    context: CallContext,
    plugin: AdmittedPlugin,
    decision: Decision,
    startedAt: number,
  ) {
    this.#request = request;
    this.#options = options;
    this.#context = context;
    this.#plugin = plugin;
    this.#decision = decision;
    this.#startedAt = startedAt;
  }

  /** Passes on what the tool yields and sets the outcome. */
  async *chunks(): AsyncGenerator<CallChunk> {
    const { closing, drainLimit, instances } = this.#context;
    const { signal: caller } = this.#options;
    const others = [drainLimit, caller].filter((signal) => signal !== undefined);
    const stop = AbortSignal.any([closing, this.#idle.signal, this.#late.signal, ...others]);
    const acquired = new AbortController();
    this.#endAt(this.#options.deadlineAt, acquired.signal);
    try {
      const lease = await instances.acquire(this.#plugin, this.#request.principal, stop);
      acquired.abort();
      if ("reason" in lease) {
        this.outcome = unavailable(lease);
        return;
      }
      const finished = new AbortController();
      try {
        const chunks = this.#hostChunks(lease.started, stop, finished.signal);
        this.#instance = lease.started.instance;
        yield* untilIgnored(chunks, stop, this.#context.settings.clock, () => lease.retire());
      } finally {
        finished.abort();
        lease.release();
      }
    } catch (error) {
      this.outcome = this.#outcomeOf(error, stop);
    } finally {
      acquired.abort();
    }
  }

  /** Writes how the call ended, linked to its decision. */
  async record(): Promise<void> {
    const { settings, lost } = this.#context;
    const { principal, plugin } = this.#request;
    const isOk = this.outcome.kind === "completed" && !this.outcome.isError;
    const ended = {
      plugin,
      principal,
      decision: this.#decision,
      result: isOk ? "ok" : "failed",
      reason: reasonOf(this.outcome),
      startedAt: this.#startedAt,
    } as const;
    try {
      await recordOutcome(ended, settings);
    } catch {
      lost();
    }
  }

  async *#hostChunks(
    { running }: { readonly running: { readonly call: HostCallFunction } },
    signal: AbortSignal,
    finished: AbortSignal,
  ): AsyncGenerator<CallChunk> {
    const { clock } = this.#context.settings;
    const { timeouts } = this.#plugin.manifest.resources;
    const { tool, arguments: args, principal, traceparent } = this.#request;
    const { deadlineAt = Number.POSITIVE_INFINITY, onProgress } = this.#options;
    const alive = watchIdle(clock, timeouts.idleMs, this.#idle, finished);
    const chunks = running.call(
      {
        tool,
        arguments: args,
        requestId: randomUUID(),
        principal: { workspace: principal.workspace, user: principal.user },
        ...(traceparent === undefined ? {} : { traceparent }),
      },
      {
        signal,
        deadlineAt: Math.min(deadlineAt, clock.now() + timeouts.callMs),
        onProgress: async (progress) => {
          alive();
          await onProgress?.(progress);
        },
      },
    );
    for await (const chunk of chunks) {
      alive();
      if (chunk.kind === "result") this.outcome = this.#completed(chunk);
      else yield chunk;
    }
  }

  /** Ends a call that has no instance when its time is over. */
  #endAt(deadlineAt: number | undefined, over: AbortSignal): void {
    if (deadlineAt === undefined || deadlineAt === Number.POSITIVE_INFINITY) return;
    const { clock } = this.#context.settings;
    clock.sleep(Math.max(0, deadlineAt - clock.now()), over).then(
      () => this.#late.abort(),
      () => undefined,
    );
  }

  #completed(result: CallChunk & { readonly kind: "result" }): CallOutcome {
    const { isError, structured } = result;
    const answer = { kind: "completed", content: [], isError, meta: this.#meta() } as const;
    return structured === undefined ? answer : { ...answer, structured };
  }

  #meta(): CallMeta {
    const { clock } = this.#context.settings;
    return {
      decisionId: decisionIdOf(this.#decision),
      generation: this.#context.generation.number,
      version: this.#plugin.manifest.version,
      digest: this.#plugin.tree.digest,
      durationMs: clock.now() - this.#startedAt,
    };
  }

  #outcomeOf(error: unknown, stop: AbortSignal): CallOutcome {
    if (this.#late.signal.aborted) return { kind: "cancelled", by: "deadline" };
    if (this.#idle.signal.aborted) return { kind: "cancelled", by: "idle" };
    const { closing, drainLimit } = this.#context;
    if (closing.aborted || drainLimit?.aborted) return { kind: "cancelled", by: "drain_limit" };
    if (stop.aborted) return { kind: "cancelled", by: "caller" };
    return error instanceof LifecycleError
      ? this.#outcomeOfCode(error)
      : { kind: "unavailable", reason: "crashed" };
  }

  #outcomeOfCode({ code }: LifecycleError): CallOutcome {
    switch (code) {
      case "CANCELLED":
        return { kind: "cancelled", by: "caller" };
      case "DEADLINE":
        return { kind: "cancelled", by: "deadline" };
      case "OVERLOADED":
        return { kind: "unavailable", reason: "overloaded" };
      case "CLOSED":
        // One that failed its health checks is closed by its supervisor, which is a crash to its calls.
        return {
          kind: "unavailable",
          reason: this.#instance?.state === "error" ? "crashed" : "reloading",
        };
      case "TOOL_UNKNOWN":
        return denied(this.#decision, "not_available");
      case "RESULT_TOO_LARGE":
        return {
          kind: "completed",
          content: [{ kind: "text", text: "The result is larger than the plugin may answer" }],
          isError: true,
          meta: this.#meta(),
        };
      case "INVALID_TRANSITION":
      case "START_FAILED":
      case "TYPE_UNSUPPORTED":
      case "HANDSHAKE_TIMEOUT":
      case "PROTOCOL":
      case "CRASHED":
        return { kind: "unavailable", reason: "crashed" };
      default:
        return code satisfies never;
    }
  }
}

type HostCallFunction = import("@sigilrt/lifecycle").RunningPlugin["call"];

/** What a record may name of a call that was stopped before its decision: a name that nobody knows is a stranger's text. */
function nameable({ plugin, tool, principal }: CallRequest, { plugins }: Generation): Limited {
  const admitted = plugins.get(plugin);
  const capability = admitted && toolCapability(admitted.manifest.name, tool);
  return capability === undefined ? { principal } : { principal, plugin, capability };
}
