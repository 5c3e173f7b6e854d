import type { Decision } from "@sigilrt/enforcer";
import type { HostCallOptions } from "@sigilrt/lifecycle";
import type { Principal } from "./call.ts";
import type { Stay } from "./calls-in-flight.ts";
import type { Subject } from "./decide.ts";
import type { Lease } from "./lease.ts";
import { endOf, errorOf, type OperationEnd, recordOf } from "./open-outcome.ts";
import { recordOutcome } from "./record-outcome.ts";
import type { Standing } from "./standing.ts";
import type { AdmittedPlugin } from "./verify.ts";
import { watchIdle } from "./watch-idle.ts";

/** What was allowed. */
export interface Permitted {
  readonly subject: Subject;
  readonly plugin: AdmittedPlugin;
  readonly decision: Decision;
  readonly stay: Stay;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** What ends an operation from outside. */
export interface Stops {
  /** The manager closes and waits no longer. */
  readonly closing: AbortSignal;
  /** The caller's signal, and that of the handle's end. */
  readonly caller: readonly AbortSignal[];
  /** Never ends by itself: it has no limit of time, and is over as soon as its plugin is to leave. */
  readonly isEndless: boolean;
}

/** One operation that was allowed. It ends once; then its outcome is on record and it holds nothing. */
export class Operation {
  /** Aborts when it has to stop. */
  readonly signal: AbortSignal;
  readonly #standing: Standing;
  readonly #lost: () => void;
  readonly #permitted: Permitted;
  readonly #stops: Stops;
  readonly #idle = new AbortController();
  readonly #finished = new AbortController();
  #alive: () => void = () => undefined;
  #lease: Lease | undefined;
  #end: Promise<OperationEnd> | undefined;

  /** `lost` counts a record that was lost after its effect. */
  constructor(permitted: Permitted, stops: Stops, standing: Standing, lost: () => void) {
    this.#permitted = permitted;
    this.#stops = stops;
    this.#standing = standing;
    this.#lost = lost;
    const { closing, caller, isEndless } = stops;
    const { drainLimit, ending } = permitted.stay;
    const leaving = isEndless ? [ending, standing.leaving] : [];
    this.signal = AbortSignal.any([closing, drainLimit, this.#idle.signal, ...caller, ...leaving]);
    // At once and not when the caller looks again, who may never do so.
    const stop = (): void => void this.end(this.#endOfStop());
    this.signal.addEventListener("abort", stop, { once: true, signal: this.#finished.signal });
  }

  /** The version it runs on. */
  get plugin(): AdmittedPlugin {
    return this.#permitted.plugin;
  }

  /** On whose behalf. */
  get principal(): Principal {
    return this.#permitted.subject.principal;
  }

  /** Takes the instance it runs on. */
  runOn(lease: Lease): void {
    if (this.#end) {
      lease.release();
      return;
    }
    this.#lease = lease;
    if (this.#stops.isEndless) return;
    const { idleMs } = this.#permitted.plugin.manifest.resources.timeouts;
    const { clock } = this.#standing.settings;
    this.#alive = watchIdle(clock, idleMs, this.#idle, this.#finished.signal);
  }

  /** Takes the stream of the host that it reads; it is left with the operation, also when nobody looks at it again. */
  reads<T>(pieces: AsyncIterator<T>): AsyncIterator<T> {
    // A host that does not listen is not waited for.
    const leave = (): void => void pieces.return?.()?.catch(() => undefined);
    if (this.#end) leave();
    else this.#finished.signal.addEventListener("abort", leave, { once: true });
    return pieces;
  }

  /** What the host is told of its limits. */
  limits(deadlineAt: number): HostCallOptions {
    const { callMs } = this.#permitted.plugin.manifest.resources.timeouts;
    const latest = this.#standing.settings.clock.now() + callMs;
    return { signal: this.signal, deadlineAt: Math.min(deadlineAt, latest) };
  }

  /** Tells that the plugin shows a sign of life. */
  alive(): void {
    this.#alive();
  }

  /** Waits for `work` and no longer than it may run, even for a host that does not listen. */
  async whileRunning<T>(work: Promise<T>): Promise<T> {
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    const stop = (): void => reject(this.signal.reason);
    if (this.signal.aborted) stop();
    this.signal.addEventListener("abort", stop, { once: true });
    work.catch(() => undefined);
    try {
      return await Promise.race([stopped, work]);
    } finally {
      this.signal.removeEventListener("abort", stop);
    }
  }

  /** Ends it and answers the end that counts, which is the first, once it is on record. */
  end(end: OperationEnd): Promise<OperationEnd> {
    this.#end ??= this.#finish(end);
    return this.#end;
  }

  /** Ends it because something was thrown. Answers the error for the caller; `undefined` when a stream goes on elsewhere. */
  async fail(error: unknown): Promise<Error | undefined> {
    const end = await this.end(this.signal.aborted ? this.#endOfStop() : this.#endOfFailure(error));
    const isGood = end.kind === "ok" || end.kind === "handed_over";
    return isGood ? undefined : errorOf(end, this.#permitted.subject);
  }

  async #finish(end: OperationEnd): Promise<OperationEnd> {
    const { subject, decision, stay, startedAt } = this.#permitted;
    this.#finished.abort();
    this.#lease?.release();
    const ended = { ...subject, decision, startedAt, ...recordOf(end) };
    await recordOutcome(ended, this.#standing.settings).catch(this.#lost);
    // Last, so that whoever drains the plugin has the record as well.
    stay.leave();
    return end;
  }

  #endOfStop(): OperationEnd {
    const { closing, caller, isEndless } = this.#stops;
    const { drainLimit, ending } = this.#permitted.stay;
    if (caller.some(({ aborted }) => aborted)) return { kind: "cancelled", by: "caller" };
    if (this.#idle.signal.aborted) return { kind: "cancelled", by: "idle" };
    if (isEndless && ending.reason === "replaced") return { kind: "handed_over" };
    if (closing.aborted || drainLimit.aborted) return { kind: "cancelled", by: "drain_limit" };
    return { kind: "unavailable", reason: "reloading" };
  }

  #endOfFailure(error: unknown): OperationEnd {
    const end = endOf(error);
    const { subject, plugin } = this.#permitted;
    const isReplaced = this.#standing.generation.plugins.get(subject.plugin) !== plugin;
    const isGone = end.kind === "unavailable" && end.reason === "reloading";
    return this.#stops.isEndless && isGone && isReplaced ? { kind: "handed_over" } : end;
  }
}
