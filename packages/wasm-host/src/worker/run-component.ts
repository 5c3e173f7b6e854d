import { createGlueContext } from "./glue-context.ts";
import { GuestStop } from "./failure.ts";
import type { Counters } from "./counters.ts";
import type { CompiledCore, Order, ToolContext } from "./messages.ts";
import { readSurface, readToolResult, type ToolResult } from "./tool-results.ts";
import { createWorldImports, type WorldImports } from "./world-imports.ts";

/** A started component. */
export interface StartedComponent {
  /** Asks for its tools. */
  describe(): readonly unknown[];
  /** Runs a tool. */
  tool(name: string, argumentsJson: string, context: ToolContext): ToolResult;
}

/** Evaluates the translator's glue in a context of its own and instantiates the component with it. */
export async function startComponent(
  {
    glue,
    tool: exported,
    modules,
    bounds,
    surroundings,
  }: Extract<Order, { kind: "start-component" }>,
  counters: Counters,
): Promise<StartedComponent> {
  const world = createWorldImports(bounds, counters, surroundings);
  const cores = new Map<WebAssembly.Module, CompiledCore>(
    [...modules.values()].map((core) => [core.module, core]),
  );
  const instantiate = createGlueContext(glue, {
    counters: counters.imports,
    admit(module) {
      const core = cores.get(module);
      if (core === undefined) throw new Error("a module that was not metered");
      counters.admit(core);
    },
  });
  world.begin();
  const box = await instantiate((file) => {
    const compiled = modules.get(file);
    if (compiled === undefined) throw new Error("no such module");
    return compiled.module;
  }, world.interfaces);
  world.end();
  const tool = interfaceOf(box.exports, exported);
  return {
    describe: () => withCall(world, () => readSurface(tool.describe(), bounds)),
    tool: (name, argumentsJson, context) =>
      withCall(world, () =>
        readToolResult(() => tool.call(name, argumentsJson, context), bounds.result_bytes),
      ),
  };
}

function withCall<T>(world: WorldImports, body: () => T): T {
  world.begin();
  try {
    return body();
  } finally {
    world.end();
  }
}

interface ToolInterface {
  describe(): unknown;
  call(name: string, argumentsJson: string, context: ToolContext): unknown;
}

function interfaceOf(exports: object, name: string): ToolInterface {
  const tool: unknown = Object.getOwnPropertyDescriptor(exports, name)?.value;
  const describe = methodOf(tool, "describe");
  const call = methodOf(tool, "call");
  return {
    describe: () => Reflect.apply(describe, undefined, []),
    call: (...args) => Reflect.apply(call, undefined, args),
  };
}

// oxlint-disable-next-line typescript/no-unsafe-function-type -- called by Reflect.apply alone, its result is unknown
function methodOf(holder: unknown, name: string): Function {
  const method: unknown =
    typeof holder === "object" && holder !== null
      ? Object.getOwnPropertyDescriptor(holder, name)?.value
      : undefined;
  if (typeof method === "function") return method;
  const text = "it does not export what the world sigil:plugin names";
  throw new GuestStop({ code: "EXPORT_MISSING", phase: "start", text });
}
