import { onOrder, report } from "./bridge.ts";
import { Counters } from "./counters.ts";
import { failureOf } from "./failure.ts";
import type { Order } from "./messages.ts";
import { type StartedComponent, startComponent } from "./run-component.ts";
import { type StartedModule, startModule } from "./run-module.ts";

// The program of a run Worker: one guest for ever, one order at a time.
let module: StartedModule | undefined;
let component: StartedComponent | undefined;
let counters: Counters | undefined;

onOrder((order) => void obey(order));

async function obey(order: Order): Promise<void> {
  const starting = order.kind === "start-module" || order.kind === "start-component";
  const glue = order.kind !== "start-module" && order.kind !== "call";
  if (order.kind === "start-module" || order.kind === "start-component") {
    counters = new Counters(order.bounds);
  }
  counters?.begin(order.fuel);
  try {
    // In a box: what a guest names its exports is never awaited by itself.
    const { value } = await carryOut(order, counters);
    report({ kind: "done", value, fuelUsed: counters?.finish().fuelUsed });
  } catch (error) {
    const failure = failureOf(error, starting ? "start" : "call", glue);
    report({ kind: "failed", failure: counters?.judge(failure) ?? failure });
  }
}

async function carryOut(
  order: Order,
  counted: Counters | undefined,
): Promise<{ readonly value: unknown }> {
  if (counted === undefined) throw new TypeError("a guest that was not started");
  switch (order.kind) {
    case "start-module":
      module = startModule(order, counted);
      return { value: undefined };
    case "start-component":
      component = await startComponent(order, counted);
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
