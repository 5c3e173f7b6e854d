import { expect, it } from "vitest";

it("exports what the README names, and nothing else", async () => {
  expect(Object.keys(await import("@sigilrt/cli")).toSorted()).toEqual([
    "EXIT",
    "consentStore",
    "escaped",
    "readConsents",
    "runSigil",
    "secretReader",
    "writeConsents",
  ]);
});
