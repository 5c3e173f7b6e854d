import { parentPort } from "node:worker_threads";
import type { LimitName } from "../limits.ts";
import type { MeteredModule } from "../meter/rewrite-module.ts";
import {
  type ComponentSurface,
  examineComponent,
  type Metering,
  type PreparedModule,
  prepareModule,
  prepareTranslated,
} from "../prepare.ts";
import { WasmError, type WasmErrorCode } from "../wasm-error.ts";
import { translate } from "./translator.ts";

/** What the host wants prepared for the engine. */
export interface PrepareOrder {
  readonly kind: "module" | "component";
  readonly bytes: Uint8Array;
  readonly metering: Metering;
}

/** What came of it, or why not. */
export type Prepared =
  | ({ readonly kind: "module" } & PreparedModule)
  | ({
      readonly kind: "component";
      readonly glue: string;
      readonly cores: ReadonlyMap<string, MeteredModule>;
    } & ComponentSurface)
  | { readonly kind: "no-peer" }
  | { readonly kind: "untranslatable"; readonly reason: string }
  | {
      readonly kind: "refused";
      readonly code: WasmErrorCode;
      readonly message: string;
      readonly limit: LimitName | undefined;
      readonly feature: string | undefined;
    };

// The program of a compile Worker: one order at a time, each answered once.
parentPort?.on("message", (order: PrepareOrder) => void answer(order));

async function answer(order: PrepareOrder): Promise<void> {
  const prepared = await prepare(order);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of node:worker_threads has no origin
  parentPort?.postMessage(prepared);
}

async function prepare({ kind, bytes, metering }: PrepareOrder): Promise<Prepared> {
  try {
    if (kind === "module") return { kind, ...prepareModule(bytes, metering) };
    const surface = examineComponent(bytes, metering.limits);
    const translation = await translate(bytes);
    if (translation.kind !== "translated") return translation;
    const { glue, modules } = translation;
    const cores = new Map(
      [...modules].map(([file, core]) => [file, prepareTranslated(core, metering)]),
    );
    return { kind, glue, cores, ...surface };
  } catch (error) {
    // Anything else ends this Worker, and the host tells that it was lost.
    if (!(error instanceof WasmError)) throw error;
    const { code, message, limit, feature } = error;
    return { kind: "refused", code, message, limit, feature };
  }
}
