import { Worker } from "node:worker_threads";
import { InconsistentIndex } from "./index-database.ts";
import type { IndexOrder, IndexReport, IndexWorkerData } from "./worker/messages.ts";
import { indexWorkerArguments, indexWorkerFile } from "./worker-file.ts";

interface Pending {
  readonly resolve: (report: IndexReport) => void;
  readonly reject: (error: Error) => void;
}

/** Has the index written in a Worker, started by the first order: reading a log takes the time that appends need. One order at a time. */
export class IndexWriter {
  readonly #directory: string;
  readonly #onLost: (error: Error) => void;
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  #worker: Worker | undefined;
  #gone: Promise<void> = Promise.resolve();
  #pending: Pending | undefined;
  #lost: Error | undefined;
  #isClosing = false;
  #waiting = 0;

  /** `onLost` hears of a Worker that ended unasked. */
  constructor(directory: string, onLost: (error: Error) => void) {
    this.#directory = directory;
    this.#onLost = onLost;
  }

  /** Whether anything was ordered. */
  get isStarted(): boolean {
    return this.#worker !== undefined;
  }

  /** Sends an order and resolves when it is done. @throws {@link InconsistentIndex} when the file is damaged; Error for the rest */
  async order(order: Exclude<IndexOrder, { kind: "close" }>): Promise<void> {
    const worker = this.#worker ?? this.#start();
    if (this.#lost) throw this.#lost;
    const { promise, resolve, reject } = Promise.withResolvers<IndexReport>();
    this.#pending = { resolve, reject };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of node:worker_threads has no origin
    worker.postMessage(order);
    const report = await promise;
    if (report.kind === "done") return;
    throw report.isDamage ? new InconsistentIndex(report.message) : new Error(report.message);
  }

  /** Keeps the program alive while somebody waits for work; what nobody waits for may end with the program. */
  async awaited<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    this.#worker?.ref();
    try {
      return await work();
    } finally {
      this.#waiting -= 1;
      this.#keepAlive();
    }
  }

  /** Ends what is being read after its portion. For good: the next order is `close`. */
  stop(): void {
    Atomics.store(this.#stop, 0, 1);
  }

  /** Lets go of the file and resolves when the Worker is gone. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const order: IndexOrder = { kind: "close" };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- see above
    this.#worker?.postMessage(order);
    await this.awaited(() => this.#gone);
  }

  #start(): Worker {
    const workerData: IndexWorkerData = { directory: this.#directory, stop: this.#stop };
    const worker = new Worker(indexWorkerFile, {
      workerData,
      env: {},
      argv: [],
      execArgv: [...indexWorkerArguments],
      // Kept from the program's own streams and never read: reading would keep the program alive.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 },
    });
    this.#worker = worker;
    let cause: Error | undefined;
    worker.on("message", (report: IndexReport) => this.#hear(report));
    worker.on("error", (error) => (cause = error));
    // Coming online takes the reference anew.
    worker.once("online", () => this.#keepAlive());
    this.#gone = new Promise((resolve) => {
      worker.once("exit", () => {
        this.#lose(cause);
        resolve();
      });
    });
    this.#keepAlive();
    return worker;
  }

  #keepAlive(): void {
    if (this.#waiting > 0) this.#worker?.ref();
    else this.#worker?.unref();
  }

  #hear(report: IndexReport): void {
    this.#pending?.resolve(report);
    this.#pending = undefined;
  }

  #lose(cause: Error | undefined): void {
    const detail = cause ? `: ${cause.message}` : "";
    this.#lost = new Error(`its Worker ended${detail}`, { cause });
    this.#pending?.reject(this.#lost);
    this.#pending = undefined;
    if (!this.#isClosing) this.#onLost(this.#lost);
  }
}
