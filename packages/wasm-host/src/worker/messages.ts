import type { TrapKind, WasmErrorCode, WasmPhase } from "../wasm-error.ts";
import type { LimitName } from "../limits.ts";

/** A number as it crosses to a guest; `bigint` exactly for i64. */
export type WasmNumber = number | bigint;

/** A function that a core module imports. */
export interface LinkedImport {
  /** Module name of the import. */
  readonly module: string;
  /** Field name of the import. */
  readonly name: string;
}

/** What the host asks of a Worker. */
export type Order =
  | {
      readonly kind: "start-module";
      readonly module: WebAssembly.Module;
      readonly imports: readonly LinkedImport[];
    }
  | {
      readonly kind: "start-component";
      readonly glue: string;
      readonly tool: string;
      readonly modules: ReadonlyMap<string, CompiledCore>;
      readonly bounds: GuestBounds;
    }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly WasmNumber[] }
  | { readonly kind: "describe" }
  | {
      readonly kind: "tool";
      readonly name: string;
      readonly argumentsJson: string;
      readonly context: ToolContext;
    };

/** A core module of a component and what it takes at most. */
export interface CompiledCore {
  readonly module: WebAssembly.Module;
  readonly pages: number;
  readonly elements: number;
}

/** What a component's Worker counts itself, because it sees it first. */
export interface GuestBounds {
  readonly pages: number;
  readonly elements: number;
  readonly core_instances: number;
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
}

/** A question of a guest to the host; it sleeps until the answer is there. */
export interface Question {
  readonly kind: "ask";
  readonly import: string;
  readonly args: readonly unknown[];
}

/** What a Worker tells the host. */
export type Report =
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "failed"; readonly failure: Failure }
  | Question
  | { readonly kind: "log"; readonly level: string; readonly message: string }
  | { readonly kind: "log-dropped"; readonly lines: number };

/** The answer to a question: a value, an error of the world, or the end of the call. */
export type Answer =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "error"; readonly tag: string; readonly text?: string };
