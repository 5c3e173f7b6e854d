import type { Clock } from "@sigilrt/lifecycle";
import type { CallOutcome } from "./call.ts";
import type { CallTimes, Timed } from "./call-times.ts";

/** By whom or what a call is stopped. */
export type StopCause = Extract<CallOutcome, { readonly kind: "cancelled" }>["by"];

/** The reason of the signal of a call that was stopped; nobody outside sees it. */
class Stopped extends Error {
  override readonly name = "Stopped";
}

/** Stops a call once: by a signal, by its deadline, or because it shows no sign of life. The first cause stands. */
export class CallStop implements Timed {
  cause: StopCause | undefined;
  readonly #clock: Clock;
  readonly #times: CallTimes;
  readonly #controller = new AbortController();
  readonly #sources: readonly (readonly [AbortSignal, () => void])[];
  #deadlineAt = Number.POSITIVE_INFINITY;
  #idleMs = Number.POSITIVE_INFINITY;
  #lastSign = 0;

  constructor(
    clock: Clock,
    times: CallTimes,
    sources: readonly (readonly [AbortSignal | undefined, StopCause])[],
  ) {
    this.#clock = clock;
    this.#times = times;
    this.#sources = sources.flatMap(([signal, cause]) =>
      signal ? [[signal, () => this.stop(cause)] as const] : [],
    );
    for (const [signal, stop] of this.#sources) {
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    }
  }

  /** Aborts when it is stopped. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get dueAt(): number {
    return Math.min(this.#deadlineAt, this.#lastSign + this.#idleMs);
  }

  /** Sets the absolute limit, and the longest time without a sign of life. */
  limit(deadlineAt: number, idleMs = Number.POSITIVE_INFINITY): void {
    this.#deadlineAt = deadlineAt;
    this.#idleMs = idleMs;
    this.alive();
    if (this.dueAt < Number.POSITIVE_INFINITY) this.#times.add(this);
  }

  /** It shows a sign of life, which moves no deadline. */
  alive(): void {
    this.#lastSign = this.#clock.now();
  }

  end(): void {
    this.stop(this.#deadlineAt <= this.#clock.now() ? "deadline" : "idle");
  }

  stop(cause: StopCause): void {
    this.cause ??= cause;
    if (!this.signal.aborted) this.#controller.abort(new Stopped(`Call stopped by ${cause}`));
  }

  /** The call is over: nothing stops it any more. */
  close(): void {
    this.#times.delete(this);
    for (const [signal, stop] of this.#sources) signal.removeEventListener("abort", stop);
  }
}
