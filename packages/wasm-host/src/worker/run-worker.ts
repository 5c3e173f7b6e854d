import { onOrder, report } from "./bridge.ts";
import { failureOf } from "./failure.ts";
import type { Order } from "./messages.ts";
import { type StartedComponent, startComponent } from "./run-component.ts";
import { type StartedModule, startModule } from "./run-module.ts";

// The program of a run Worker: one guest for ever, one order at a time.
let module: StartedModule | undefined;
let component: StartedComponent | undefined;

onOrder((order) => void obey(order));

async function obey(order: Order): Promise<void> {
  const starting = order.kind === "start-module" || order.kind === "start-component";
  const glue = order.kind !== "start-module" && order.kind !== "call";
  try {
    // In a box: what a guest names its exports is never awaited by itself.
    const { value } = await carryOut(order);
    report({ kind: "done", value });
  } catch (error) {
    report({ kind: "failed", failure: failureOf(error, starting ? "start" : "call", glue) });
  }
}

async function carryOut(order: Order): Promise<{ readonly value: unknown }> {
  switch (order.kind) {
    case "start-module":
      module = startModule(order.module, order.imports);
      return { value: undefined };
    case "start-component":
      component = await startComponent(order);
      return { value: undefined };
    case "call":
      return { value: module?.call(order.name, order.args) };
    case "describe":
      return { value: component?.describe() };
    case "tool":
      return { value: component?.tool(order.name, order.argumentsJson, order.context) };
    default:
      return order satisfies never;
  }
}
