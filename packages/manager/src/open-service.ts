import type { Decision } from "@sigilrt/enforcer";
import { LifecycleError, type RunningPlugin, type ServiceHandle } from "@sigilrt/lifecycle";
import type { OpenRequest, ServiceOperation } from "./call.ts";
import { decide, denied, type Subject } from "./decide.ts";
import { askGuards, limited } from "./guards.ts";
import { ManagerError } from "./manager-error.ts";
import { Operation } from "./open-operation.ts";
import { errorOf, type UnfinishedOutcome } from "./open-outcome.ts";
import { recordOutcome } from "./record-outcome.ts";
import { standInLine } from "./stand-in-line.ts";
import type { Standing, Workshop } from "./standing.ts";
import { unavailable } from "./unavailable.ts";

/** What a handle needs of its manager. */
export interface ServiceContext {
  readonly standing: Standing;
  /** The handles that are open. */
  readonly handles: Set<AsyncDisposable>;
  readonly workshop: () => Promise<Workshop>;
  /** Aborts when the manager closes without waiting any longer. */
  readonly closing: AbortSignal;
  /** Counts a record that was lost after its effect. */
  readonly lost: () => void;
}

/** What is asked of a service. */
export interface Asked {
  readonly operation: ServiceOperation;
  readonly signal: AbortSignal | undefined;
  /** When it ends at the latest, in milliseconds since the epoch. */
  readonly deadlineAt?: number;
  /** Never ends by itself; it is handed over when its plugin is replaced. */
  readonly isEndless?: true;
}

/** A service as a host hands it out. */
export type ServiceOf<K extends ServiceHandle["kind"]> = Extract<
  ServiceHandle,
  { readonly kind: K }
>;

/** Runs an operation on the service of a plugin that runs. */
export type Run<K extends ServiceHandle["kind"], T> = (
  service: ServiceOf<K>,
  operation: Operation,
) => T;

/**
 * The service of one plugin for one principal. Each operation is decided, and runs on the version that is published when it begins. The
 * services of hosts are kept as long as their plugin runs.
 */
export class OpenService<K extends ServiceHandle["kind"]> implements AsyncDisposable {
  readonly #request: OpenRequest<K>;
  readonly #context: ServiceContext;
  readonly #over = new AbortController();
  readonly #operations = new Set<Operation>();
  readonly #services = new Map<RunningPlugin, Promise<ServiceOf<K>>>();
  #closed: Promise<void> | undefined;

  /** The signal closes it. */
  constructor(request: OpenRequest<K>, signal: AbortSignal | undefined, context: ServiceContext) {
    this.#request = request;
    this.#context = context;
    context.handles.add(this);
    const close = (): void => void this[Symbol.asyncDispose]();
    signal?.addEventListener("abort", close, { once: true, signal: this.#over.signal });
    if (signal?.aborted === true) close();
  }

  /** Runs an operation that answers once. */
  async ask<T>(asked: Asked, run: Run<K, Promise<T>>): Promise<T> {
    const operation = await this.#begin(asked);
    try {
      const service = await this.#serviceFor(operation);
      const answer = await operation.whileRunning(run(service, operation));
      await operation.end({ kind: "ok" });
      return answer;
    } catch (error) {
      throw (await operation.fail(error)) ?? error;
    } finally {
      this.#operations.delete(operation);
    }
  }

  /** Runs an operation that answers piece by piece. Answers whether it was handed over to another version. */
  async *stream<T>(asked: Asked, run: Run<K, AsyncIterable<T>>): AsyncGenerator<T, boolean> {
    const operation = await this.#begin(asked);
    try {
      const service = await this.#serviceFor(operation);
      const pieces = operation.reads(run(service, operation)[Symbol.asyncIterator]());
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- pulled one by one
        const piece = await operation.whileRunning(pieces.next());
        if (piece.done === true) break;
        operation.alive();
        yield piece.value;
      }
      await operation.end({ kind: "ok" });
      return false;
    } catch (error) {
      const failure = await operation.fail(error);
      if (failure) throw failure;
      return true;
    } finally {
      // Only a reader that left comes here without an end.
      await operation.end({ kind: "cancelled", by: "caller" });
      this.#operations.delete(operation);
    }
  }

  /** Decides about one piece of a stream as about an operation of its own: whether it may be handed on. */
  async permits(name: ServiceOperation): Promise<boolean> {
    const { standing, lost } = this.#context;
    const startedAt = standing.settings.clock.now();
    const subject = this.#subject(name);
    const verdict = await this.#decide(name, subject, this.#over.signal);
    if ("kind" in verdict) return false;
    const ended = { ...subject, decision: verdict, startedAt, result: "ok", reason: "ok" } as const;
    await recordOutcome(ended, standing.settings).catch(lost);
    return true;
  }

  /** Ends what runs and gives everything back. Closing twice is closing once. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#over.abort();
    const ends = [...this.#operations].map((operation) =>
      operation.end({ kind: "cancelled", by: "caller" }),
    );
    await Promise.all(ends);
    const services = [...this.#services.values()];
    this.#services.clear();
    await Promise.all(services.map(release));
    this.#context.handles.delete(this);
  }

  /** Asks for permission: nothing is started for who has none. */
  async #begin({ operation: name, signal, deadlineAt, isEndless }: Asked): Promise<Operation> {
    const { standing, closing, lost } = this.#context;
    const subject = this.#subject(name);
    const over = this.#over.signal;
    if (over.aborted) {
      throw new ManagerError("CLOSED", `Cannot use "${subject.capability}": the handle is closed`);
    }
    const startedAt = standing.settings.clock.now();
    const caller = signal ? [over, signal] : [over];
    const early = AbortSignal.any([closing, ...caller]);
    const limits = deadlineAt === undefined ? {} : { deadlineAt };
    const held = await standInLine(subject, { signal: early, ...limits }, standing);
    if (held) throw errorOf(held, subject);
    if (standing.leaving.aborted) {
      throw errorOf({ kind: "unavailable", reason: "reloading" }, subject);
    }
    // From here on the plugin is counted as in use: no wait may stand between the two.
    const plugin = standing.generation.plugins.get(subject.plugin);
    const stay = plugin && standing.calls.enter(plugin);
    const verdict = await this.#decide(name, subject, early);
    if (plugin && stay && !("kind" in verdict)) {
      const permitted = { subject, plugin, decision: verdict, stay, startedAt };
      const stops = { closing, caller, isEndless: isEndless === true };
      const operation = new Operation(permitted, stops, standing, lost);
      this.#operations.add(operation);
      return operation;
    }
    stay?.leave();
    throw errorOf("kind" in verdict ? verdict : denied(verdict, "not_available"), subject);
  }

  async #decide(
    name: ServiceOperation,
    subject: Subject,
    signal: AbortSignal,
  ): Promise<Decision | UnfinishedOutcome> {
    const { settings, generation } = this.#context.standing;
    const { plugin, kind, principal } = this.#request;
    const guarded = await askGuards({ plugin, kind, operation: name, principal }, settings);
    if (guarded.ok) guarded.release?.();
    if (!guarded.ok) return limited(subject, guarded, settings, signal);
    const decision = await decide(subject, settings, signal);
    if (decision.allowed) return decision;
    return denied(decision, generation.plugins.has(plugin) ? "not_allowed" : "not_available");
  }

  async #serviceFor(operation: Operation): Promise<ServiceOf<K>> {
    const { instances } = await this.#context.workshop();
    const { plugin, principal } = operation;
    const lease = await instances.acquire(plugin, principal, operation.signal);
    if ("reason" in lease) {
      await operation.end(unavailable(lease));
      throw new Error("there is no instance to run on");
    }
    operation.runOn(lease);
    const { running } = lease.started;
    return operation.whileRunning(this.#services.get(running) ?? this.#open(running));
  }

  #open(running: RunningPlugin): Promise<ServiceOf<K>> {
    const opening = openOf(running, this.#request, this.#over.signal);
    this.#services.set(running, opening);
    opening.catch(() => this.#services.delete(running));
    void running.exited.then(() => {
      this.#services.delete(running);
      return release(opening);
    });
    return opening;
  }

  #subject(operation: ServiceOperation): Subject {
    const { plugin, kind, principal } = this.#request;
    return { plugin, capability: `${kind}.${plugin}.${operation}`, principal };
  }
}

async function openOf<K extends ServiceHandle["kind"]>(
  running: RunningPlugin,
  { kind, principal: { workspace, user } }: OpenRequest<K>,
  signal: AbortSignal,
): Promise<ServiceOf<K>> {
  const service = await running.open(kind, { principal: { workspace, user }, signal });
  if (isOf(service, kind)) return service;
  await service[Symbol.asyncDispose]();
  throw new LifecycleError("TYPE_UNSUPPORTED", `Cannot open ${kind}: the host answered another`);
}

const isOf = <K extends ServiceHandle["kind"]>(
  service: ServiceHandle,
  kind: K,
): service is ServiceOf<K> => service.kind === kind;

/** Closes a service of a host; one that was not opened, or that fails at it, has nothing to give back. */
async function release(opening: Promise<ServiceHandle>): Promise<void> {
  try {
    await (await opening)[Symbol.asyncDispose]();
  } catch {
    // Its plugin ends anyway.
  }
}
