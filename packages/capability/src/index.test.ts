import { expect, it } from "vitest";

it("exports these names and no others", async () => {
  expect(Object.keys(await import("@sigilrt/capability")).toSorted()).toEqual([
    "CapabilityError",
    "CapabilitySet",
    "LIMITS",
    "advise",
    "matchCapability",
    "netCapability",
    "overlap",
    "parseCapability",
    "parsePattern",
    "pathCapability",
    "subset",
  ]);
});

it("exports the forest from its own entry", async () => {
  expect(Object.keys(await import("@sigilrt/capability/forest"))).toEqual(["CapabilityForest"]);
});
