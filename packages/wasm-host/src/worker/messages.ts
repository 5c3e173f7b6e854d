import type { TrapKind, WasmErrorCode, WasmPhase } from "../wasm-error.ts";
import type { LimitName } from "../limits.ts";

/** A number as it crosses to a guest; `bigint` exactly for i64. */
export type WasmNumber = number | bigint;

/** A function that a core module imports. */
interface LinkedImport {
  /** Module name of the import. */
  readonly module: string;
  /** Field name of the import. */
  readonly name: string;
}

/** What the host asks of a Worker. */
export type Order =
  | {
      readonly kind: "start-module";
      readonly core: CompiledCore;
      readonly imports: readonly LinkedImport[];
      readonly bounds: CounterBounds;
      readonly fuel: number | undefined;
    }
  | {
      readonly kind: "start-component";
      readonly glue: string;
      readonly tool: string;
      readonly modules: ReadonlyMap<string, CompiledCore>;
      readonly bounds: GuestBounds;
      readonly surroundings: GuestSurroundings;
      readonly fuel: number | undefined;
    }
  | {
      readonly kind: "call";
      readonly name: string;
      readonly args: readonly WasmNumber[];
      readonly fuel: number | undefined;
    }
  | { readonly kind: "describe"; readonly fuel: number | undefined }
  | {
      readonly kind: "tool";
      readonly name: string;
      readonly argumentsJson: string;
      readonly context: ToolContext;
      readonly fuel: number | undefined;
    };

/** A metered core module, and what an instance of it takes before its first instruction. */
export interface CompiledCore {
  readonly module: WebAssembly.Module;
  readonly pages: number;
  readonly elements: number;
  readonly segmentFuel: number;
}

/** What all core instances of a guest share. */
export interface CounterBounds {
  readonly pages: number;
  readonly elements: number;
  readonly core_instances: number;
}

/** What a component learns of itself where it asks WASI. */
export interface GuestSurroundings {
  /** The complete environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** The hash of its bytes; what looks random and is not comes from it. */
  readonly digest: string;
}

/** What a component's Worker counts itself, because it sees it first. */
export interface GuestBounds extends CounterBounds {
  readonly result_bytes: number;
  readonly surface_bytes: number;
  readonly tools: number;
  readonly host_call_bytes: number;
  readonly log_bytes: number;
}

/** What a tool learns of its call. */
export interface ToolContext {
  readonly callId: string;
  readonly remainingMs: number;
  readonly traceparent: string | undefined;
}

/** Why a guest failed, in words of this package. */
export interface Failure {
  readonly code: WasmErrorCode;
  readonly phase: WasmPhase;
  readonly text: string;
  readonly trap?: TrapKind | undefined;
  readonly limit?: LimitName | undefined;
  readonly fuelUsedAtLeast?: number | undefined;
}

/** A question of a guest to the host; it sleeps until the answer is there. */
export interface Question {
  readonly kind: "ask";
  readonly import: string;
  readonly args: readonly unknown[];
}

/** What a Worker tells the host. */
export type Report =
  | { readonly kind: "done"; readonly value: unknown; readonly fuelUsed: number | undefined }
  | { readonly kind: "failed"; readonly failure: Failure }
  | Question
  | { readonly kind: "log"; readonly level: string; readonly message: string }
  | { readonly kind: "log-dropped"; readonly lines: number };

/** The answer to a question: a value, an error of the world, or the end of the call. */
export type Answer =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "error"; readonly tag: string; readonly text?: string };
