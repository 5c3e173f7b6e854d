import { expect, it } from "vitest";

it("exports exactly what its README names", async () => {
  expect(Object.keys(await import("@sigilrt/plugin-sdk")).toSorted()).toEqual([
    "PluginFailure",
    "PluginSdkError",
    "defineChannel",
    "defineProvider",
    "defineTool",
    "serve",
  ]);
});

it("leaves the standard streams alone in a process that no host started", async () => {
  const before = Object.entries(process.stdout);
  await import("@sigilrt/plugin-sdk");
  expect(Object.entries(process.stdout)).toEqual(before);
});
