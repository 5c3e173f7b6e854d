import { Worker } from "node:worker_threads";
import { WasmError } from "./wasm-error.ts";
import { compileWorkerArguments, compileWorkerFile } from "./worker-files.ts";
import type { Prepared, PrepareOrder } from "./worker/compile-worker.ts";

/** When a piece of work begins and what ends it. */
export interface Turn {
  /** Ends the work, and the Worker with it. */
  readonly signal: AbortSignal;
  /** Hears that the work before it is done: what waited for others is not late yet. */
  readonly begin: () => void;
}

/** What is made of an order of one kind. */
type PreparedAs<K extends PrepareOrder["kind"]> = Extract<Prepared, { kind: K }>;

/** Translations after which a compile Worker is ended: what a component left in it is gone. */
const MOST_TRANSLATIONS = 64;

/** Guards, translates and meters guests, one at a time, in a Worker that is ended when it is late. */
export class Compiler {
  #worker: Worker | undefined;
  #translations = 0;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /**
   * Prepares one guest for the engine.
   *
   * @throws {@link WasmError} as the guard refuses, `COMPILE_FAILED`, `UNSUPPORTED` (`peer`), `TIMEOUT`, `CANCELLED`, `WORKER_LOST`, `CLOSED`
   */
  prepare<K extends PrepareOrder["kind"]>(
    order: PrepareOrder & { readonly kind: K },
    turn: Turn,
  ): Promise<PreparedAs<K>> {
    const mine = this.#last.then(() => this.#prepare(order, turn));
    this.#last = mine.catch(() => undefined);
    return mine.then((prepared) => expectPrepared(order.kind, prepared));
  }

  /** Ends the Worker. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
  }

  async #prepare(order: PrepareOrder, { signal, begin }: Turn): Promise<Prepared> {
    signal.throwIfAborted();
    if (this.#closed) throw failed("the host was closed", "CLOSED");
    begin();
    const worker = (this.#worker ??= makeWorker());
    const { promise, resolve, reject } = Promise.withResolvers<Prepared>();
    const stop = (): void => {
      reject(signal.reason);
      void this.#end();
    };
    const lose = (cause?: unknown): void =>
      reject(failed("its Worker ended", "WORKER_LOST", cause));
    worker.ref();
    worker.once("message", resolve);
    worker.once("error", lose);
    worker.once("exit", lose);
    signal.addEventListener("abort", stop);
    try {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of node:worker_threads has no origin
      worker.postMessage(order);
      const prepared = await promise;
      if (order.kind === "component") this.#translations += 1;
      // A translator that refused may have stopped half way.
      const spent = this.#translations >= MOST_TRANSLATIONS || prepared.kind === "untranslatable";
      if (spent) await this.#end();
      return prepared;
    } catch (error) {
      await this.#end();
      throw error;
    } finally {
      worker.unref();
      worker.off("message", resolve);
      worker.off("error", lose);
      worker.off("exit", lose);
      signal.removeEventListener("abort", stop);
    }
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#translations = 0;
    await worker?.terminate();
  }
}

function makeWorker(): Worker {
  const worker = new Worker(compileWorkerFile, {
    env: {},
    argv: [],
    execArgv: [...compileWorkerArguments],
    // Kept from the host's own streams and never read: reading would keep the program alive.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 },
  });
  // Heard for good: an error without a listener would end the program.
  worker.on("error", () => {});
  return worker;
}

function expectPrepared<K extends PrepareOrder["kind"]>(
  kind: K,
  prepared: Prepared,
): PreparedAs<K> {
  switch (prepared.kind) {
    case "module":
    case "component":
      if (isOf(kind, prepared)) return prepared;
      throw failed("its Worker answered another order", "WORKER_LOST");
    case "no-peer":
      throw new WasmError(
        "UNSUPPORTED",
        "load",
        "Cannot load a component: @bytecodealliance/jco-transpile is not there in version 0.15.0; install exactly that version",
        { feature: "peer" },
      );
    case "untranslatable":
      throw failed("the translator refuses it", "COMPILE_FAILED", new Error(prepared.reason));
    case "refused": {
      const { code, message, limit, feature } = prepared;
      throw new WasmError(code, "load", message, {
        ...(limit === undefined ? {} : { limit }),
        ...(feature === undefined ? {} : { feature }),
      });
    }
    default:
      return prepared satisfies never;
  }
}

const isOf = <K extends PrepareOrder["kind"]>(
  kind: K,
  prepared: Prepared,
): prepared is PreparedAs<K> => prepared.kind === kind;

const failed = (
  found: string,
  code: "COMPILE_FAILED" | "WORKER_LOST" | "CLOSED",
  cause?: unknown,
): WasmError =>
  new WasmError(code, "load", `Cannot load a guest: ${found}; build it again`, { cause });
