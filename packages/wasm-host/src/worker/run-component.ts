import { createGlueContext } from "./glue-context.ts";
import { GuestStop } from "./failure.ts";
import type { CompiledCore, GuestBounds, Order, ToolContext } from "./messages.ts";
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
export async function startComponent({
  glue,
  tool: exported,
  modules,
  bounds,
}: Extract<Order, { kind: "start-component" }>): Promise<StartedComponent> {
  const world = createWorldImports(bounds);
  const tally = { pages: 0, elements: 0, instances: 0 };
  const instantiate = createGlueContext(glue);
  const box = await instantiate((file) => {
    const compiled = modules.get(file);
    if (compiled === undefined) throw new Error("no such module");
    charge(compiled, tally, bounds);
    return compiled.module;
  }, world.interfaces);
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

/** Counts what a module takes before it is instantiated; the glue asks for each module once. */
function charge(
  compiled: CompiledCore,
  tally: { pages: number; elements: number; instances: number },
  bounds: GuestBounds,
): void {
  tally.pages += compiled.pages;
  tally.elements += compiled.elements;
  tally.instances += 1;
  const passed =
    tally.pages > bounds.pages
      ? "memory_bytes"
      : tally.elements > bounds.elements
        ? "table_elements"
        : tally.instances > bounds.core_instances
          ? "core_instances"
          : undefined;
  if (passed !== undefined) {
    const text = `all its modules together pass the limit ${passed}`;
    throw new GuestStop({ code: "LIMIT", phase: "start", limit: passed, text });
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
