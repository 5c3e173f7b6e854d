import { Worker } from "node:worker_threads";
import { WasmError } from "./wasm-error.ts";
import { compileWorkerFile } from "./worker-files.ts";
import type { Translated, TranslateOrder } from "./worker/compile-worker.ts";

/** What the translator makes of a component. */
export type Translation = Extract<Translated, { kind: "translated" }>;

/** Uses after which a compile Worker is ended: what a component left in it is gone. */
const MOST_USES = 64;

/** Translates components, one at a time, in a Worker that is ended when it is late. */
export class Translator {
  #worker: Worker | undefined;
  #uses = 0;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** Translates one component. @throws {@link WasmError} `COMPILE_FAILED`, `UNSUPPORTED` (`peer`), `TIMEOUT`, `CANCELLED` */
  translate(bytes: Uint8Array, signal: AbortSignal): Promise<Translation> {
    const mine = this.#last.then(() => this.#translate(bytes, signal));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** Ends the Worker. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#end();
  }

  async #translate(bytes: Uint8Array, signal: AbortSignal): Promise<Translation> {
    signal.throwIfAborted();
    if (this.#closed) throw failed("the host was closed", "CLOSED");
    const worker = (this.#worker ??= makeWorker());
    const { promise, resolve, reject } = Promise.withResolvers<Translated>();
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
      const order: TranslateOrder = { bytes };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of node:worker_threads has no origin
      worker.postMessage(order);
      const translated = await promise;
      this.#uses += 1;
      if (this.#uses >= MOST_USES) await this.#end();
      return expectTranslation(translated);
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
    this.#uses = 0;
    await worker?.terminate();
  }
}

function makeWorker(): Worker {
  const worker = new Worker(compileWorkerFile, {
    env: {},
    argv: [],
    execArgv: [],
    // Kept from the host's own streams and never read: reading would keep the program alive.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 },
  });
  // Heard for good: an error without a listener would end the program.
  worker.on("error", () => {});
  return worker;
}

function expectTranslation(translated: Translated): Translation {
  switch (translated.kind) {
    case "translated":
      return translated;
    case "no-peer":
      throw new WasmError(
        "UNSUPPORTED",
        "load",
        "Cannot load a component: @bytecodealliance/jco-transpile is not there in version 0.15.0; install exactly that version",
        { feature: "peer" },
      );
    case "refused":
      throw failed("the translator refuses it", "COMPILE_FAILED", new Error(translated.reason));
    default:
      return translated satisfies never;
  }
}

const failed = (
  found: string,
  code: "COMPILE_FAILED" | "WORKER_LOST" | "CLOSED",
  cause?: unknown,
): WasmError =>
  new WasmError(code, "load", `Cannot translate a component: ${found}; build it again`, { cause });
