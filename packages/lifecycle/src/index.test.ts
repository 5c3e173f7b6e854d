import { expect, it } from "vitest";

it("exports what the README names, and nothing else", async () => {
  expect(Object.keys(await import("@sigilrt/lifecycle")).toSorted()).toEqual([
    "LifecycleError",
    "PLUGIN_STATES",
    "PluginInstance",
    "createRestartPolicy",
    "validTransition",
  ]);
  expect(Object.keys(await import("@sigilrt/lifecycle/testing")).toSorted()).toEqual([
    "createFakeHost",
    "createManualClock",
    "describePluginHost",
  ]);
});
