import type { HostCallOptions, WaitingClock } from "@sigilrt/lifecycle";

/** Why the signal of a call aborts. Nobody outside sees it, and one for all spares each call the making of an error. */
const OVER = new Error("The call is over");

/** Ends a call once: for its caller, at its deadline, or because its reader left. */
export class CallStop {
  /** Who or what ended it, other than its reader. */
  by: "caller" | "deadline" | undefined;
  readonly #caller: AbortSignal;
  readonly #controller = new AbortController();
  readonly #cancel = (): void => this.#end("caller");

  constructor(
    { signal, deadlineAt }: Pick<HostCallOptions, "signal" | "deadlineAt">,
    clock: WaitingClock,
  ) {
    this.#caller = signal;
    if (signal.aborted) this.#cancel();
    else signal.addEventListener("abort", this.#cancel, { once: true });
    clock.sleep(Math.max(0, deadlineAt - clock.now()), this.signal).then(
      () => this.#end("deadline"),
      () => undefined,
    );
  }

  /** Aborts when the call is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Its reader has what it wants. */
  leave(): void {
    this.#caller.removeEventListener("abort", this.#cancel);
    this.#controller.abort(OVER);
  }

  #end(by: "caller" | "deadline"): void {
    if (this.signal.aborted) return;
    this.by = by;
    this.#controller.abort(OVER);
  }
}
