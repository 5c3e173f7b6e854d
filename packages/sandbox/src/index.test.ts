import { expect, it } from "vitest";

it("exports exactly these names", async () => {
  expect(Object.keys(await import("@sigilrt/sandbox")).toSorted()).toEqual([
    "SandboxError",
    "compilePolicy",
    "compileSeccomp",
    "createEgressProxy",
    "createSandbox",
    "diagnoseSandbox",
    "generateArgs",
    "renderSeatbelt",
  ]);
});
