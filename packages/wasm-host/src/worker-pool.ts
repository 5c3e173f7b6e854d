import { GuestWorker } from "./guest-worker.ts";
import type { WasmLimits } from "./limits.ts";
import { WasmError } from "./wasm-error.ts";

/** What a pool is made with. */
export interface WorkerPoolOptions {
  /** Blank Workers that wait. */
  readonly spares: number;
  /** Workers at once, blank ones included. */
  readonly maxWorkers: number;
  /** Limits of each Worker and of all. */
  readonly limits: WasmLimits;
}

/** A Worker that belongs to one plugin, and the core instances it counts for. */
export interface BoundWorker {
  /** The Worker. */
  readonly worker: GuestWorker;
  /** Ends it and gives its place back, once. */
  release(): Promise<void>;
}

/** Keeps blank Workers ready and counts all. A Worker that was bound never serves another plugin. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #blank: GuestWorker[] = [];
  readonly #bound = new Set<GuestWorker>();
  readonly #ending = new Set<Promise<void>>();
  #instances = 0;
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Blank Workers. */
  get blank(): number {
    return this.#blank.length;
  }

  /** Bound Workers. */
  get bound(): number {
    return this.#bound.size;
  }

  /** Workers that were told to end and are not gone. */
  get ending(): number {
    return this.#ending.size;
  }

  /** Binds a blank Worker. @throws {@link WasmError} `CAPACITY`, `LIMIT` (`instances`) */
  bind(instances: number): BoundWorker {
    const { limits, maxWorkers } = this.#options;
    if (this.#instances + instances > limits.instances) {
      throw new WasmError(
        "LIMIT",
        "start",
        `Cannot start a guest: ${limits.instances} instances are alive; close some or raise the limit`,
        { limit: "instances" },
      );
    }
    if (this.#bound.size >= maxWorkers) {
      throw new WasmError(
        "CAPACITY",
        "start",
        `Cannot start a guest: all ${maxWorkers} Workers are bound; close a plugin or raise the limit`,
        { limit: "workers" },
      );
    }
    const worker = this.#take();
    this.#bound.add(worker);
    this.#instances += instances;
    let releasing: Promise<void> | undefined;
    const release = (): Promise<void> => {
      if (releasing === undefined) {
        this.#bound.delete(worker);
        this.#instances -= instances;
        releasing = this.#end(worker);
      }
      return releasing;
    };
    this.#refill();
    return { worker, release };
  }

  /** Ends what is blank, and waits for what is ending. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const worker of this.#blank.splice(0)) void this.#end(worker);
    await Promise.all(this.#ending);
  }

  #take(): GuestWorker {
    for (let worker = this.#blank.shift(); worker; worker = this.#blank.shift()) {
      if (!worker.ended) return worker;
    }
    return this.#make();
  }

  #make(): GuestWorker {
    try {
      return new GuestWorker(this.#options.limits.stack_bytes);
    } catch (cause) {
      const message = "Cannot start a Worker: the system gives none; close plugins";
      throw new WasmError("CAPACITY", "start", message, { cause });
    }
  }

  #refill(): void {
    const { spares, maxWorkers } = this.#options;
    while (
      !this.#closed &&
      this.#blank.length < spares &&
      this.#blank.length + this.#bound.size < maxWorkers
    ) {
      this.#blank.push(this.#make());
    }
  }

  #end(worker: GuestWorker): Promise<void> {
    const ending = worker.end().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
    return ending;
  }
}
