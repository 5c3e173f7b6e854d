import { randomUUID } from "node:crypto";
import type { Decision } from "@sigilrt/enforcer";
import type { Surface } from "@sigilrt/integrity";
import {
  type CallChunk,
  LifecycleError,
  type PluginState,
  type RunningPlugin,
} from "@sigilrt/lifecycle";
import type { CallMeta, CallOptions, CallOutcome, CallRequest } from "./call.ts";
import { askRunning } from "./ask-running.ts";
import { CallStop } from "./call-stop.ts";
import { decisionIdOf, denied } from "./decide.ts";
import type { Lease } from "./lease.ts";
import type { ObservedCall } from "./observe-call.ts";
import { PatientReader } from "./patient-reader.ts";
import { reasonOf, recordOutcome } from "./record-outcome.ts";
import type { CallContext } from "./run-call.ts";
import { argumentIssues, contractOf, type ToolContract } from "./tool-contract.ts";
import { unavailable } from "./unavailable.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** What is known of a call once it is allowed. */
export interface AllowedCall {
  readonly plugin: AdmittedPlugin;
  readonly decision: Decision;
  readonly startedAt: number;
  readonly observed: ObservedCall;
}

/** One call that was allowed: its instance, its limits, its one outcome and the record of it. */
export class Run {
  outcome: CallOutcome = { kind: "cancelled", by: "caller" };
  readonly #request: CallRequest;
  readonly #options: CallOptions;
  readonly #context: CallContext;
  readonly #plugin: AdmittedPlugin;
  readonly #decision: Decision;
  readonly #startedAt: number;
  readonly #observed: ObservedCall;
  readonly #stop: CallStop;
  #contract: ToolContract | undefined;
  #instance: { readonly state: PluginState } | undefined;

  constructor(
    request: CallRequest,
    options: CallOptions,
    context: CallContext,
    { plugin, decision, startedAt, observed }: AllowedCall,
  ) {
    this.#request = request;
    this.#options = options;
    this.#context = context;
    this.#plugin = plugin;
    this.#decision = decision;
    this.#startedAt = startedAt;
    this.#observed = observed;
    const { settings, closing, drainLimit } = context;
    this.#stop = new CallStop(settings.clock, settings.times, [
      [drainLimit, "drain_limit"],
      [closing, "drain_limit"],
      [options.signal, "caller"],
    ]);
  }

  /** Passes on what the tool yields and sets the outcome. */
  async *chunks(): AsyncGenerator<CallChunk> {
    const { instances } = this.#context;
    const { deadlineAt = Number.POSITIVE_INFINITY } = this.#options;
    this.#stop.limit(deadlineAt);
    try {
      const pinned = this.#plugin.consent.surface ?? instances.surface(this.#plugin);
      if (pinned && this.#refuse(pinned)) return;
      const lease = await this.#observed.span.during("acquire", () =>
        instances.acquire(this.#plugin, this.#request.principal, this.#stop.signal),
      );
      if ("reason" in lease) {
        this.outcome = unavailable(lease);
        return;
      }
      try {
        if (pinned || !this.#refuse(lease.started.surface)) yield* this.#leased(lease);
      } finally {
        lease.release();
      }
    } catch (error) {
      this.outcome = this.#outcomeOf(error);
    } finally {
      this.#stop.close();
    }
  }

  /** Holds the arguments against the approved schema, before the plugin sees them. Answers whether the call ends here. */
  #refuse(surface: Surface): boolean {
    if (this.#request.offer) return false;
    const tool = surface.tools.find(({ name }) => name === this.#request.tool);
    const contract = tool && contractOf(tool);
    if (!contract || "fault" in contract) {
      this.outcome = denied(this.#decision, "not_available");
      return true;
    }
    this.#contract = contract;
    this.#observed.knows(tool.name);
    const issues = argumentIssues(contract, this.#request.arguments);
    if (issues.length === 0) return false;
    this.outcome = { kind: "invalid", issues };
    return true;
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

  async *#leased(lease: Lease): AsyncGenerator<CallChunk> {
    this.#instance = lease.started.instance;
    const observed = this.#observed.span.begin("host.call");
    const { clock } = this.#context.settings;
    const chunks = this.#hostCall(lease.started.running, observed.traceparent);
    const reader = new PatientReader(chunks, this.#stop.signal, clock, () => {
      this.#note("it did not end a call that was cancelled");
      lease.retire();
    });
    try {
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- chunks are pulled one by one
        const next = await reader.next();
        this.#stop.alive();
        if (next.done === true) return;
        if (next.value.kind === "result") this.outcome = this.#completed(next.value);
        else yield next.value;
      }
    } finally {
      await reader.close();
      observed.end({}, this.outcome.kind === "completed" ? undefined : "failed");
    }
  }

  #hostCall(
    running: Pick<RunningPlugin, "call" | "ask">,
    traceparent: string | undefined,
  ): AsyncIterable<CallChunk> {
    const { callMs, idleMs } = this.#plugin.manifest.resources.timeouts;
    const { tool, arguments: args, principal, offer } = this.#request;
    const { deadlineAt: wanted = Number.POSITIVE_INFINITY, onProgress, onLog } = this.#options;
    const deadlineAt = Math.min(wanted, this.#context.settings.clock.now() + callMs);
    this.#stop.limit(deadlineAt, idleMs);
    if (offer) {
      const ask = { ...offer, name: tool, arguments: args };
      return askRunning(running, ask, { signal: this.#stop.signal, deadlineAt });
    }
    return running.call(
      {
        tool,
        arguments: args,
        requestId: randomUUID(),
        principal: { workspace: principal.workspace, user: principal.user },
        ...(traceparent === undefined ? {} : { traceparent }),
      },
      {
        signal: this.#stop.signal,
        deadlineAt,
        onProgress: async (progress) => {
          this.#stop.alive();
          await onProgress?.(progress);
        },
        ...(onLog ? { onLog } : {}),
      },
    );
  }

  #completed(result: CallChunk & { readonly kind: "result" }): CallOutcome {
    const { isError, structured } = result;
    const issues = isError ? [] : (this.#contract?.checkResult?.(structured) ?? []);
    if (issues.length > 0) {
      this.#note("a result was not what its tool promises");
      return this.#failed("The result is not what the tool promises");
    }
    const answer = { kind: "completed", content: [], isError, meta: this.#meta() } as const;
    return structured === undefined ? answer : { ...answer, structured };
  }

  #note(fault: string): void {
    this.#context.instances.note(this.#plugin, fault);
  }

  #failed(text: string): CallOutcome {
    return {
      kind: "completed",
      content: [{ kind: "text", text }],
      isError: true,
      meta: this.#meta(),
    };
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

  #outcomeOf(error: unknown): CallOutcome {
    const { cause: by } = this.#stop;
    if (by === "idle") this.#note("a call showed no sign of life for too long");
    if (by) return { kind: "cancelled", by };
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
        this.#note("a result was larger than it may answer");
        return this.#failed("The result is larger than the plugin may answer");
      case "PROTOCOL":
        this.#note("an answer broke the protocol");
        return { kind: "unavailable", reason: "crashed" };
      case "INVALID_TRANSITION":
      case "START_FAILED":
      case "TYPE_UNSUPPORTED":
      case "HANDSHAKE_TIMEOUT":
      case "CRASHED":
        return { kind: "unavailable", reason: "crashed" };
      default:
        return code satisfies never;
    }
  }
}
