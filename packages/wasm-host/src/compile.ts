import { guardComponent } from "./guard/component.ts";
import { type CoreModule, type GuardRules, guardCoreModule } from "./guard/core-module.ts";
import type { WasmLimits } from "./limits.ts";
import { rewriteModule } from "./meter/rewrite-module.ts";
import type { Translator } from "./translate.ts";
import { WasmError } from "./wasm-error.ts";
import type { CompiledCore } from "./worker/messages.ts";
import { expectWorld } from "./world.ts";

/** A core module, metered and compiled. */
export interface CompiledModule {
  /** Its code, and what it takes. */
  readonly core: CompiledCore;
  /** What the guard learned of it. */
  readonly shape: CoreModule;
}

/** A component, translated, metered and compiled. */
export interface CompiledComponent {
  /** The translator's JavaScript. */
  readonly glue: string;
  /** Its core modules by the glue's names for them. */
  readonly modules: ReadonlyMap<string, CompiledCore>;
  /** The name under which it exports its tools. */
  readonly tool: string;
  /** Interfaces it imports, versions included. */
  readonly interfaces: readonly string[];
}

/** What the compiled form depends on beside the bytes. */
export interface Metering {
  /** Whether fuel is counted. */
  readonly fuel: boolean;
  /** Limits of the guest. */
  readonly limits: WasmLimits;
}

/** Guards, meters and compiles a core module. @throws {@link WasmError} of phase `load` */
export async function compileModule(
  bytes: Uint8Array,
  metering: Metering,
  signal: AbortSignal,
): Promise<CompiledModule> {
  const shape = guardCoreModule(bytes, rulesFor(metering.limits));
  return { core: await compileCore(bytes, shape, metering, signal), shape };
}

/** Guards, translates, meters and compiles a component. @throws {@link WasmError} of phase `load` */
export async function compileComponent(
  bytes: Uint8Array,
  metering: Metering,
  translator: Translator,
  signal: AbortSignal,
): Promise<CompiledComponent> {
  const { limits } = metering;
  const { interfaces, tool } = examineComponent(bytes, limits);
  const { glue, modules } = await translator.translate(bytes, signal);
  const compiled = await Promise.all(
    [...modules].map(async ([file, core]) => {
      const shape = guardCoreModule(core, { ...rulesFor(limits), names: "any" });
      return [file, await compileCore(core, shape, metering, signal)] as const;
    }),
  );
  return { glue, modules: new Map(compiled), interfaces, tool };
}

/** Reads a component without translating it. @throws {@link WasmError} of phase `load` */
export function examineComponent(
  bytes: Uint8Array,
  limits: WasmLimits,
): Pick<CompiledComponent, "interfaces" | "tool"> {
  const { imports, exports } = guardComponent(bytes, rulesFor(limits));
  return { interfaces: imports, tool: expectWorld(imports, exports) };
}

const rulesFor = (limits: WasmLimits): GuardRules => ({
  limits,
  exceptionHandling: Number(process.versions.node.split(".")[0]) >= 24,
  names: "plain",
});

async function compileCore(
  bytes: Uint8Array,
  shape: CoreModule,
  metering: Metering,
  signal: AbortSignal,
): Promise<CompiledCore> {
  const { bytes: metered, ...taken } = rewriteModule(bytes, shape, metering);
  signal.throwIfAborted();
  return { module: await compile(metered), ...taken };
}

async function compile(bytes: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw new WasmError(
      "COMPILE_FAILED",
      "load",
      "Cannot compile WebAssembly: the engine refuses it; build the file again",
      { cause },
    );
  }
}
