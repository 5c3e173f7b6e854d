import type { Compiler, Turn } from "./compiler.ts";
import type { MeteredModule } from "./meter/rewrite-module.ts";
import type { ComponentSurface, Metering, ModuleSurface } from "./prepare.ts";
import { WasmError } from "./wasm-error.ts";
import type { CompiledCore } from "./worker/messages.ts";

/** A core module, metered and compiled. */
export interface CompiledModule {
  /** Its code, and what it takes. */
  readonly core: CompiledCore;
  /** What it imports and exports. */
  readonly surface: ModuleSurface;
}

/** A component, translated, metered and compiled. */
export interface CompiledComponent extends ComponentSurface {
  /** The translator's JavaScript. */
  readonly glue: string;
  /** Its core modules by the glue's names for them. */
  readonly modules: ReadonlyMap<string, CompiledCore>;
}

/** Guards, meters and compiles a core module. @throws {@link WasmError} of phase `load` */
export async function compileModule(
  bytes: Uint8Array,
  metering: Metering,
  compiler: Compiler,
  turn: Turn,
): Promise<CompiledModule> {
  const { core, surface } = await compiler.prepare({ kind: "module", bytes, metering }, turn);
  return { core: await compileCore(core), surface };
}

/** Guards, translates, meters and compiles a component. @throws {@link WasmError} of phase `load` */
export async function compileComponent(
  bytes: Uint8Array,
  metering: Metering,
  compiler: Compiler,
  turn: Turn,
): Promise<CompiledComponent> {
  const order = { kind: "component", bytes, metering } as const;
  const { glue, cores, interfaces, tool } = await compiler.prepare(order, turn);
  const compiled = await Promise.all(
    [...cores].map(async ([file, core]) => [file, await compileCore(core)] as const),
  );
  return { glue, modules: new Map(compiled), interfaces, tool };
}

async function compileCore({ bytes, ...taken }: MeteredModule): Promise<CompiledCore> {
  try {
    return { module: await WebAssembly.compile(bytes), ...taken };
  } catch (cause) {
    throw new WasmError(
      "COMPILE_FAILED",
      "load",
      "Cannot compile WebAssembly: the engine refuses it; build the file again",
      { cause },
    );
  }
}
