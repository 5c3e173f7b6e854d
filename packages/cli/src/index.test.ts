import { expect, it } from "vitest";

it("exports what the README names, and nothing else", async () => {
  expect(Object.keys(await import("@sigilrt/cli")).toSorted()).toEqual([
    "EXIT",
    "approvePlugin",
    "consentStore",
    "escaped",
    "parseMissionFile",
    "readConsents",
    "rejectPlugin",
    "reviewPlugin",
    "rightInWords",
    "runSigil",
    "secretReader",
    "stagedPlugins",
    "touchLines",
    "verifyLog",
    "writeConsents",
  ]);
});
