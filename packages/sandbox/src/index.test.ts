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

it("exports exactly these names for tests", async () => {
  expect(Object.keys(await import("@sigilrt/sandbox/testing")).toSorted()).toEqual([
    "attackProgram",
    "attacks",
    "callsHere",
    "describeSandbox",
    "isHeld",
    "judgeAttack",
    "openAttackTarget",
    "readAnswers",
    "systemCallProgram",
  ]);
});
