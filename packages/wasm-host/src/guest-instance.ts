import { AsyncLocalStorage } from "node:async_hooks";
import type { GuestAnswer, Hearing } from "./guest-worker.ts";
import type { WasmLimits } from "./limits.ts";
import { ReplacementPace } from "./replacement-pace.ts";
import { WasmError, type WasmPhase } from "./wasm-error.ts";
import type { BoundWorker, WorkerPool } from "./worker-pool.ts";
import type { Answer, Order, Question } from "./worker/messages.ts";

/** What an instance is made with. */
export interface GuestInstanceOptions {
  /** Where Workers come from. */
  readonly pool: WorkerPool;
  /** The order that starts the guest in a Worker. */
  readonly start: Order;
  /** Core instances it counts for. */
  readonly instances: number;
  /** The host's limits. */
  readonly limits: Pick<WasmLimits, "queue" | "host_calls" | "reentrancy">;
  /** Milliseconds after which an idle Worker is ended. */
  readonly idleMs: number;
  /** Whether each call gets a fresh guest. */
  readonly fresh: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Hears that a Worker was ended by force, and that one was replaced. */
  readonly count: (event: "kill" | "replacement") => void;
}

/** One order to a guest and what holds it. */
export interface GuestCall {
  /** The order; absent when the guest is only to be started. */
  readonly order?: Order;
  /** Milliseconds it may take, waiting included. */
  readonly timeoutMs: number;
  /** Ends it with `CANCELLED`. */
  readonly signal?: AbortSignal | undefined;
  /** Answers questions; the signal fires when the call ends. A thrown {@link WasmError} ends the call. */
  readonly answer: (question: Question, signal: AbortSignal) => Promise<Answer>;
  /** Takes log lines. */
  readonly log?: Hearing["log"];
}

interface Job extends GuestCall {
  readonly callers: readonly GuestInstance[];
  readonly ended: AbortController;
  readonly resolve: (answer: GuestAnswer) => void;
  readonly fail: (error: WasmError, worker?: "end" | "keep") => void;
  questions: number;
}

/** Who called whom: a guest's import may call another guest, never its own. */
const chain = new AsyncLocalStorage<readonly GuestInstance[]>();

/** A guest that outlives its Workers: calls queue in order, and a Worker that failed is replaced. */
export class GuestInstance {
  readonly #options: GuestInstanceOptions;
  readonly #queue: Job[] = [];
  readonly #pace: ReplacementPace;
  /** Settles when it failed so often that it is not started again. */
  readonly whenSpent: Promise<void>;
  readonly #spend: () => void;
  #bound: BoundWorker | undefined;
  #running: Job | undefined;
  #releasing: Promise<void> | undefined;
  #idle: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #started = false;

  constructor(options: GuestInstanceOptions) {
    this.#options = options;
    this.#pace = new ReplacementPace(options.now);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.whenSpent = promise;
    this.#spend = resolve;
  }

  /** Whether a call runs now. */
  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Calls that run or wait. */
  get calls(): number {
    return this.#queue.length + (this.busy ? 1 : 0);
  }

  /** Whether it failed so often that it is not started again. */
  get spent(): boolean {
    return this.#pace.spent;
  }

  /** Whether a Worker was replaced within the last minute. */
  get degraded(): boolean {
    return this.#pace.recent > 0;
  }

  /** Runs one call after those before it. Rejects exactly once, with the first cause. */
  async run(call: GuestCall): Promise<GuestAnswer> {
    const { limits } = this.#options;
    if (this.#closing !== undefined) throw closed("call");
    if (this.spent) throw spent();
    const callers = chain.getStore() ?? [];
    if (callers.includes(this) || callers.length > limits.reentrancy) {
      throw refuse("reentrancy", "it is called from one of its own imports");
    }
    if (this.#queue.length >= limits.queue) throw refuse("queue", "too many calls wait");
    if (call.signal?.aborted === true) throw cancelled(this.#phase);
    const { promise, resolve, reject } = Promise.withResolvers<GuestAnswer>();
    const ended = new AbortController();
    const fail = (error: WasmError, worker: "end" | "keep" = "end"): void => {
      if (ended.signal.aborted) return;
      ended.abort(error);
      reject(error);
      if (worker === "end" && this.#running === job) void this.#discard(error);
    };
    const job: Job = { ...call, callers, ended, resolve, fail, questions: 0 };
    const timer = setTimeout(() => fail(timedOut(this.#phase)), call.timeoutMs);
    const abort = (): void => fail(cancelled(this.#phase));
    call.signal?.addEventListener("abort", abort);
    this.#queue.push(job);
    void this.#work();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      call.signal?.removeEventListener("abort", abort);
      ended.abort();
    }
  }

  /** Fails every call with `CLOSED` and ends the Worker. Closing twice is closing once. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#idle);
    const running = this.#running;
    for (const job of this.#queue.splice(0)) job.fail(closed("call"));
    running?.fail(closed("call"));
    await this.#discard();
    await this.#releasing;
  }

  get #phase(): WasmPhase {
    return this.#started ? "call" : "start";
  }

  async #work(): Promise<void> {
    if (this.#running !== undefined) return;
    clearTimeout(this.#idle);
    for (let job = this.#queue.shift(); job; job = this.#queue.shift()) {
      if (job.ended.signal.aborted) continue;
      this.#running = job;
      // oxlint-disable-next-line no-await-in-loop -- one call at a time is the promise of an instance
      await this.#perform(job);
      this.#running = undefined;
    }
    if (this.#closing === undefined) this.#rest();
  }

  async #perform(job: Job): Promise<void> {
    const hearing: Hearing = {
      ask: (question) => this.#ask(job, question),
      log: (line) => job.log?.(line),
    };
    try {
      const bound = this.#bound ?? (await this.#begin(job, hearing));
      if (bound === undefined || job.ended.signal.aborted) return;
      const nothing = { value: undefined, fuelUsed: undefined };
      job.resolve(job.order ? await bound.worker.order(job.order, hearing) : nothing);
      if (this.#options.fresh) await this.#discard();
    } catch (error) {
      const failure = asWasmError(error);
      // What is too large was measured before it crossed: the guest itself is whole.
      const whole = failure.code === "LIMIT" && failure.phase === "call";
      job.fail(failure, whole ? "keep" : "end");
    }
  }

  async #begin(job: Job, hearing: Hearing): Promise<BoundWorker | undefined> {
    const { pool, start, instances, count } = this.#options;
    await this.#pace.wait(job.ended.signal);
    if (job.ended.signal.aborted) return undefined;
    const bound = pool.bind(instances);
    this.#bound = bound;
    await bound.worker.order(start, hearing);
    if (this.#started) count("replacement");
    this.#started = true;
    return this.#bound === bound ? bound : undefined;
  }

  async #ask(job: Job, question: Question): Promise<Answer> {
    job.questions += 1;
    try {
      if (job.questions > this.#options.limits.host_calls) {
        throw refuse("host_calls", "it asked its imports too often");
      }
      const asked = [...job.callers, this];
      return await chain.run(asked, () => job.answer(question, job.ended.signal));
    } catch (error) {
      job.fail(asWasmError(error));
      // The Worker is being ended; nothing wakes it.
      return await new Promise<Answer>(() => {});
    }
  }

  #rest(): void {
    if (this.#bound === undefined) return;
    this.#idle = setTimeout(() => void this.#discard(), this.#options.idleMs);
    this.#idle.unref();
  }

  async #discard(because?: WasmError): Promise<void> {
    const bound = this.#bound;
    if (bound === undefined) return;
    this.#bound = undefined;
    if (because !== undefined) {
      this.#options.count("kill");
      // A caller that changes its mind says nothing about the guest.
      if (because.code !== "CANCELLED" && because.code !== "CLOSED") this.#pace.failed();
      if (this.spent) this.#spend();
    }
    this.#releasing = bound.release();
    await this.#releasing;
  }
}

const guests = new WeakMap<object, GuestInstance>();

/** Remembers which instance stands behind what a caller holds. */
export function holdGuest<T extends object>(loaded: T, instance: GuestInstance): T {
  guests.set(loaded, instance);
  return loaded;
}

/** The instance behind what a host answered. @throws TypeError when it is of another host */
export function guestOf(loaded: object): GuestInstance {
  const instance = guests.get(loaded);
  if (instance === undefined) throw new TypeError("Cannot adapt it: this package did not load it");
  return instance;
}

const asWasmError = (error: unknown): WasmError =>
  error instanceof WasmError
    ? error
    : new WasmError("WORKER_LOST", "call", "Cannot go on: the Worker failed; call again", {
        cause: error,
      });

/** The error after `close`. */
export const closed = (phase: WasmPhase): WasmError =>
  new WasmError("CLOSED", phase, "Cannot use it: it was closed; load it again");

const cancelled = (phase: WasmPhase): WasmError =>
  new WasmError("CANCELLED", phase, "Cannot finish: the caller's signal was aborted; call again");

const timedOut = (phase: WasmPhase): WasmError =>
  new WasmError(
    "TIMEOUT",
    phase,
    "Cannot finish in time: the deadline passed; allow more time or ask for less",
  );

const spent = (): WasmError =>
  new WasmError(
    "WORKER_LOST",
    "start",
    "Cannot start the guest again: it failed eight times within a minute; load it anew",
  );

const refuse = (limit: "reentrancy" | "queue" | "host_calls", found: string): WasmError =>
  new WasmError("LIMIT", "call", `Cannot call the guest: ${found}; the limit is ${limit}`, {
    limit,
  });
