import {
  type CallChunk,
  type ExitReport,
  type Health,
  type HostCall,
  type HostCallOptions,
  LifecycleError,
  type Progress,
  type RunningPlugin,
  type ServiceHandle,
  type ToolSurface,
  type Waiting,
} from "@sigilrt/lifecycle";
import type { GuestInstance } from "./guest-instance.ts";
import { toLifecycleError } from "./to-lifecycle-error.ts";

/** What an adapter makes of a loaded guest. */
export interface AdaptedGuest {
  /** Answers its tools. */
  describe(signal: AbortSignal | undefined): Promise<ToolSurface>;
  /** Runs a tool and answers its chunks, the result last. */
  call(request: HostCall, limits: AdaptedCall): Promise<readonly CallChunk[]>;
}

/** What holds one call. */
interface AdaptedCall {
  /** Milliseconds left. */
  readonly timeoutMs: number;
  /** Cancels it. */
  readonly signal: AbortSignal;
  /** Hears progress, awaited. */
  readonly onProgress: (progress: Progress) => Promise<void>;
}

/** How a guest was started. */
export interface RunningGuestOptions {
  /** The name for messages. */
  readonly id: string;
  /** The guest behind it. */
  readonly instance: GuestInstance;
  /** Milliseconds that one call may take. */
  readonly callMs: number;
  /** Ends it. */
  readonly close: () => Promise<void>;
}

/** A guest as the contract of hosts wants it. */
export class RunningGuest implements RunningPlugin {
  readonly exited: Promise<ExitReport>;
  readonly #guest: AdaptedGuest;
  readonly #options: RunningGuestOptions;
  readonly #startedAt = Date.now();
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #leave: (report: ExitReport) => void;
  #closing: Promise<ExitReport> | undefined;

  constructor(guest: AdaptedGuest, options: RunningGuestOptions) {
    this.#guest = guest;
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<ExitReport>();
    this.exited = promise;
    this.#leave = resolve;
    void options.instance.whenSpent.then(() => this.#end("crashed", 0));
  }

  async describe({ signal }: Waiting = {}): Promise<ToolSurface> {
    this.#expectOpen();
    return await this.#guarded(this.#guest.describe(signal));
  }

  async *call(request: HostCall, options: HostCallOptions): AsyncIterable<CallChunk> {
    this.#expectOpen();
    if (options.signal.aborted) throw refuse("CANCELLED", "the call was cancelled; call again");
    const timeoutMs = Math.min(this.#options.callMs, Math.floor(options.deadlineAt - Date.now()));
    if (timeoutMs < 1) throw refuse("DEADLINE", "the deadline has passed; allow more time");
    const left = new AbortController();
    const notes = new Handover();
    const { onProgress = (progress: Progress) => notes.give(progress) } = options;
    const signal = AbortSignal.any([options.signal, left.signal]);
    const running = this.#guarded(this.#guest.call(request, { timeoutMs, signal, onProgress }));
    const done = running.then(
      () => undefined,
      () => undefined,
    );
    try {
      for await (const progress of notes.until(done)) yield { kind: "progress", progress };
      yield* await running;
    } finally {
      // Leaving the loop early cancels the call.
      left.abort();
      await done;
    }
  }

  async open(): Promise<ServiceHandle> {
    this.#expectOpen();
    throw refuse(
      "TYPE_UNSUPPORTED",
      "a WebAssembly plugin serves tools alone; use another adapter",
    );
  }

  async health({ signal }: Waiting = {}): Promise<Health> {
    this.#expectOpen();
    if (signal?.aborted === true)
      throw refuse("CANCELLED", "the question was cancelled; ask again");
    return this.#options.instance.degraded
      ? { status: "degraded", message: "its Worker failed within the last minute" }
      : { status: "healthy", message: "" };
  }

  close({ graceMs = 0 }: { readonly graceMs?: number } = {}): Promise<ExitReport> {
    return this.#end("requested", graceMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #end(cause: "requested" | "crashed", graceMs: number): Promise<ExitReport> {
    this.#closing ??= this.#finish(cause, graceMs);
    return this.#closing;
  }

  async #finish(cause: "requested" | "crashed", graceMs: number): Promise<ExitReport> {
    if (graceMs > 0 && this.#inFlight.size > 0) {
      await Promise.race([Promise.allSettled(this.#inFlight), elapsed(graceMs)]);
    }
    const callsInFlight = this.#inFlight.size;
    await this.#options.close();
    const uptimeMs = Date.now() - this.#startedAt;
    const report = Object.freeze({ cause, uptimeMs, callsInFlight, stderrTail: "" });
    this.#leave(report);
    return report;
  }

  #expectOpen(): void {
    if (this.#closing !== undefined) throw refuse("CLOSED", "it was closed; start it again");
  }

  async #guarded<T>(work: Promise<T>): Promise<T> {
    this.#inFlight.add(work);
    try {
      return await work;
    } catch (error) {
      throw toLifecycleError(error, this.#options.id);
    } finally {
      this.#inFlight.delete(work);
    }
  }
}

/** Hands progress to a reader one by one; who gives waits until it was taken. */
class Handover {
  readonly #given: { readonly progress: Progress; readonly taken: () => void }[] = [];
  #wake: () => void = () => {};

  /** Resolves when the reader has taken it. */
  give(progress: Progress): Promise<void> {
    return new Promise((taken) => {
      this.#given.push({ progress, taken });
      this.#wake();
    });
  }

  /** The notes in order, until `done` settles. */
  async *until(done: Promise<undefined>): AsyncIterable<Progress> {
    for (let over = false; !over;) {
      for (let given = this.#given.shift(); given; given = this.#given.shift()) {
        given.taken();
        yield given.progress;
      }
      const more = new Promise<"more">((resolve) => {
        this.#wake = () => resolve("more");
      });
      // oxlint-disable-next-line no-await-in-loop -- notes come one after the other
      over = (await Promise.race([done, more])) === undefined;
    }
  }
}

async function elapsed(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

const refuse = (code: LifecycleError["code"], found: string): LifecycleError =>
  new LifecycleError(code, `Cannot use the plugin: ${found}`);
