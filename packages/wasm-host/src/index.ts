/**
 * Runs WebAssembly plugins in Workers with a deadline, a memory limit and no ambient rights: core modules, and components
 * of the world `sigil:plugin`.
 *
 * @packageDocumentation
 */

export { componentPlugins, type ComponentPluginsOptions } from "./component-plugins.ts";
export type { NumericType } from "./guard/value-types.ts";
export {
  type DecideImport,
  type GuestHttpRequest,
  type GuestHttpResponse,
  type GuestLogLine,
  type GuestProgress,
  type HostImports,
  type ImportAsk,
  type ImportContext,
  ImportFailure,
  type ImportPrincipal,
  type KvEntry,
  type KvPage,
  type KvProvider,
} from "./host-imports.ts";
export { DEFAULT_LIMITS, type LimitName, type WasmLimits } from "./limits.ts";
export { modulePlugins } from "./module-plugins.ts";
export type { CallLimits, LoadLimits, WasmFeature, WasmHostOptions } from "./options.ts";
export type { ToolAnnotations, ToolDescription } from "./tool-description.ts";
export type {
  ComponentCallOptions,
  ComponentResult,
  LoadComponentOptions,
  ToolFailure,
  WasmComponent,
} from "./wasm-component.ts";
export {
  type TrapKind,
  WasmError,
  type WasmErrorCode,
  type WasmErrorOptions,
  type WasmPhase,
} from "./wasm-error.ts";
export {
  type Containment,
  createWasmHost,
  type WasmHost,
  type WasmHostStats,
} from "./wasm-host.ts";
export type {
  ExportedFunction,
  LoadModuleOptions,
  ModuleCallOptions,
  ModuleImport,
  ModuleImports,
  ModuleResult,
  WasmModule,
} from "./wasm-module.ts";
export type { WasmNumber } from "./worker/messages.ts";
