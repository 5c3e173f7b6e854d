import { expect, it } from "vitest";

it("exports exactly what its README names", async () => {
  expect(Object.keys(await import("@sigilrt/process-host")).toSorted()).toEqual([
    "DOCUMENTED_VARIABLES",
    "ProcessHostError",
    "clientConfig",
    "createProcessHost",
    "handshakeConfig",
    "pluginMap",
    "unconfinedRunner",
  ]);
});
