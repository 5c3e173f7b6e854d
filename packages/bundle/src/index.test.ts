import { expect, it } from "vitest";

it("exports what the README names, and nothing else", async () => {
  expect(Object.keys(await import("@sigilrt/bundle")).toSorted()).toEqual([
    "BUNDLE_REJECTION_KINDS",
    "BundleError",
    "describeRejection",
    "extractBundle",
    "findByproduct",
    "inspectBundle",
    "packBundle",
    "selfTest",
  ]);
});
