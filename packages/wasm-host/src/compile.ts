import { boundStorage, type GuardedModule } from "./guard/bound-storage.ts";
import { guardComponent } from "./guard/component.ts";
import { type CoreModule, type GuardRules, guardCoreModule } from "./guard/core-module.ts";
import type { WasmLimits } from "./limits.ts";
import { expectMetered } from "./options.ts";
import type { Translator } from "./translate.ts";
import { WasmError } from "./wasm-error.ts";
import type { CompiledCore } from "./worker/messages.ts";
import { expectWorld } from "./world.ts";

/** A core module, bounded and compiled. */
export interface CompiledModule {
  /** Its code. */
  readonly module: WebAssembly.Module;
  /** What the guard learned of it. */
  readonly shape: CoreModule;
}

/** A component, translated, bounded and compiled. */
export interface CompiledComponent {
  /** The translator's JavaScript. */
  readonly glue: string;
  /** Its core modules by the glue's names for them. */
  readonly modules: ReadonlyMap<string, CompiledCore>;
  /** The name under which it exports its tools. */
  readonly tool: string;
  /** Interfaces it imports, versions included. */
  readonly interfaces: readonly string[];
  /** How many functions have a body. */
  readonly bodies: number;
}

/** Guards, bounds and compiles a core module. @throws {@link WasmError} of phase `load` */
export async function compileModule(
  bytes: Uint8Array,
  limits: WasmLimits,
  signal: AbortSignal,
): Promise<CompiledModule> {
  const shape = guardCoreModule(bytes, rulesFor(limits));
  const [bound] = boundStorage([{ bytes, shape }], limits);
  signal.throwIfAborted();
  return { module: await compile(bound?.bytes ?? bytes), shape };
}

/** Guards, translates, bounds and compiles a component. @throws {@link WasmError} of phase `load` */
export async function compileComponent(
  bytes: Uint8Array,
  limits: WasmLimits,
  fuelLimit: number | undefined,
  translator: Translator,
  signal: AbortSignal,
): Promise<CompiledComponent> {
  const rules = rulesFor(limits);
  const { interfaces, tool, bodies } = examineComponent(bytes, limits);
  expectMetered(fuelLimit, bodies);
  const { glue, modules } = await translator.translate(bytes, signal);
  const files = [...modules];
  const guarded = files.map(([, core]): GuardedModule => ({
    bytes: core,
    shape: guardCoreModule(core, { ...rules, names: "any" }),
  }));
  const bound = boundStorage(guarded, limits);
  signal.throwIfAborted();
  const compiled = await Promise.all(
    bound.map(async ({ bytes: core, pages, elements }) => ({
      module: await compile(core),
      pages,
      elements,
    })),
  );
  const named = files.flatMap(([file], index) => {
    const core = compiled[index];
    return core === undefined ? [] : [[file, core] as const];
  });
  return { glue, modules: new Map(named), interfaces, tool, bodies };
}

/** Reads a component without translating it. @throws {@link WasmError} of phase `load` */
export function examineComponent(
  bytes: Uint8Array,
  limits: WasmLimits,
): Pick<CompiledComponent, "interfaces" | "tool" | "bodies"> {
  const { imports, exports, bodies } = guardComponent(bytes, rulesFor(limits));
  return { interfaces: imports, tool: expectWorld(imports, exports), bodies };
}

const rulesFor = (limits: WasmLimits): GuardRules => ({
  limits,
  exceptionHandling: Number(process.versions.node.split(".")[0]) >= 24,
  names: "plain",
});

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
