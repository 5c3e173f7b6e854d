import { guardComponent } from "./guard/component.ts";
import { type CoreModule, type GuardRules, guardCoreModule } from "./guard/core-module.ts";
import type { WasmLimits } from "./limits.ts";
import { type MeteredModule, rewriteModule } from "./meter/rewrite-module.ts";
import { expectWorld } from "./world.ts";

/** What the compiled form depends on beside the bytes. */
export interface Metering {
  /** Whether fuel is counted. */
  readonly fuel: boolean;
  /** Limits of the guest. */
  readonly limits: WasmLimits;
}

/** What a host has to know of a core module to link and call it. */
export type ModuleSurface = Pick<CoreModule, "imports" | "exports">;

/** A core module, guarded and metered. */
export interface PreparedModule {
  /** Its code, and what it takes. */
  readonly core: MeteredModule;
  /** What it imports and exports. */
  readonly surface: ModuleSurface;
}

/** What a component imports and exports. */
export interface ComponentSurface {
  /** The name under which it exports its tools. */
  readonly tool: string;
  /** Interfaces it imports, versions included. */
  readonly interfaces: readonly string[];
}

/** Guards and meters a core module. Pure. @throws {@link WasmError} of phase `load` */
export function prepareModule(bytes: Uint8Array, metering: Metering): PreparedModule {
  const shape = guardCoreModule(bytes, rulesFor(metering.limits));
  const { imports, exports } = shape;
  return { core: rewriteModule(bytes, shape, metering), surface: { imports, exports } };
}

/** Guards and meters a core module that the translator took from a component or made. @throws {@link WasmError} of phase `load` */
export function prepareTranslated(bytes: Uint8Array, metering: Metering): MeteredModule {
  const shape = guardCoreModule(bytes, { ...rulesFor(metering.limits), names: "any" });
  return rewriteModule(bytes, shape, metering);
}

/** Reads a component without translating it. @throws {@link WasmError} of phase `load` */
export function examineComponent(bytes: Uint8Array, limits: WasmLimits): ComponentSurface {
  const { imports, exports } = guardComponent(bytes, rulesFor(limits));
  return { interfaces: imports, tool: expectWorld(imports, exports) };
}

const rulesFor = (limits: WasmLimits): GuardRules => ({
  limits,
  exceptionHandling: Number(process.versions.node.split(".")[0]) >= 24,
  names: "plain",
});
