import { MessageChannel, Worker } from "node:worker_threads";
import { runWorkerFile } from "./worker-files.ts";
import type { Answer, Failure, Order, Question, Report } from "./worker/messages.ts";
import { WasmError, type WasmErrorOptions } from "./wasm-error.ts";

/** Who hears a guest while it works. */
export interface Hearing {
  /** Answers a question; a promise that never settles keeps the guest asleep. */
  ask(question: Question): Promise<Answer>;
  /** Takes a line, or the count of dropped ones. */
  log(
    line: { readonly level: string; readonly message: string } | { readonly lines: number },
  ): void;
}

/** What a guest answers to an order. */
export interface GuestAnswer {
  /** The value. */
  readonly value: unknown;
  /** Fuel it used, where fuel was counted. */
  readonly fuelUsed: number | undefined;
}

interface Pending {
  readonly resolve: (answer: GuestAnswer) => void;
  readonly reject: (error: WasmError) => void;
  readonly hearing: Hearing;
}

/** One Worker. It serves one guest and one order at a time, and is ended rather than repaired. */
export class GuestWorker {
  /** Settles when the Worker is gone. */
  readonly gone: Promise<void>;
  readonly #worker: Worker;
  readonly #answers: MessageChannel;
  readonly #wake: Int32Array;
  #pending: Pending | undefined;
  #ended = false;

  constructor(stackBytes: number) {
    const wake = new SharedArrayBuffer(4);
    this.#wake = new Int32Array(wake);
    this.#answers = new MessageChannel();
    this.#worker = new Worker(runWorkerFile, {
      env: {},
      argv: [],
      execArgv: [],
      // Kept from the host's own streams and never read: reading would keep the program alive, and no guest can write there.
      stdout: true,
      stderr: true,
      workerData: { wake, answers: this.#answers.port2 },
      transferList: [this.#answers.port2],
      resourceLimits: {
        maxOldGenerationSizeMb: 128,
        maxYoungGenerationSizeMb: 16,
        stackSizeMb: Math.ceil(stackBytes / 1_048_576),
      },
    });
    // An idle Worker must not keep a program alive that is done.
    this.#worker.unref();
    // Coming online takes the reference anew.
    this.#worker.once("online", () => this.#pending ?? this.#worker.unref());
    this.#worker.on("message", (report: Report) => this.#hear(report));
    this.#worker.on("error", (error) => this.#lose(error));
    this.gone = new Promise((resolve) => {
      this.#worker.once("exit", () => {
        this.#answers.port1.close();
        this.#lose();
        resolve();
      });
    });
  }

  /** Whether it was ended or died. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Sends an order and answers what came of it. @throws {@link WasmError} as the guest failed, or `WORKER_LOST` */
  async order(order: Order, hearing: Hearing): Promise<GuestAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<GuestAnswer>();
    this.#pending = { resolve, reject, hearing };
    this.#worker.ref();
    try {
      if (this.#ended) throw lost();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of node:worker_threads has no origin
      this.#worker.postMessage(order);
      return await promise;
    } finally {
      this.#pending = undefined;
      this.#worker.unref();
    }
  }

  /** Ends it, whatever it does, and resolves when it is gone. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#worker.terminate();
    await this.gone;
  }

  #hear(report: Report): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    switch (report.kind) {
      case "done":
        return pending.resolve({ value: report.value, fuelUsed: report.fuelUsed });
      case "failed": {
        const { code, phase, text, ...rest } = report.failure;
        return pending.reject(guestError(code, phase, text, rest));
      }
      case "ask":
        return void this.#answer(report, pending);
      case "log":
        return pending.hearing.log({ level: report.level, message: report.message });
      case "log-dropped":
        return pending.hearing.log({ lines: report.lines });
      default:
        return report satisfies never;
    }
  }

  async #answer(question: Question, pending: Pending): Promise<void> {
    const answer = await pending.hearing.ask(question);
    // A late answer finds its call gone.
    if (this.#ended || this.#pending !== pending) return;
    this.#answers.port1.postMessage(answer);
    Atomics.add(this.#wake, 0, 1);
    Atomics.notify(this.#wake, 0);
  }

  #lose(cause?: unknown): void {
    this.#ended = true;
    this.#pending?.reject(lost(cause));
  }
}

const lost = (cause?: unknown): WasmError =>
  new WasmError("WORKER_LOST", "call", "Cannot go on: the Worker of the guest ended; call again", {
    cause,
  });

function guestError(
  code: WasmError["code"],
  phase: WasmError["phase"],
  text: string,
  { trap, limit, fuelUsedAtLeast }: Omit<Failure, "code" | "phase" | "text">,
): WasmError {
  const options: WasmErrorOptions = {
    ...(trap === undefined ? {} : { trap }),
    ...(limit === undefined ? {} : { limit }),
    ...(fuelUsedAtLeast === undefined ? {} : { fuelUsedAtLeast }),
  };
  const attempt = phase === "call" ? "finish a call of the guest" : "start the guest";
  return new WasmError(code, phase, `Cannot ${attempt}: ${text}; mend the guest`, options);
}
