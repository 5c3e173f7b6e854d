import { expect, it } from "vitest";

it("exports what the README names, and nothing else", async () => {
  expect(Object.keys(await import("@sigilrt/canonical")).toSorted()).toEqual([
    "CanonicalError",
    "canonicalize",
    "checkSafePath",
    "foldKey",
    "formatFileList",
    "parseCanonical",
    "parseFileList",
    "parseSafePath",
  ]);
});
