import { expect, it } from "vitest";

it("exports what the README names, and nothing else", async () => {
  expect(Object.keys(await import("@sigilrt/integrity")).toSorted()).toEqual([
    "IntegrityError",
    "acceptUnverified",
    "allOf",
    "applyVerifier",
    "diffSurface",
    "digestFiles",
    "digestTree",
    "formatLockfile",
    "openPluginStore",
    "openTemporaryPluginStore",
    "parseLockfile",
    "readLockfile",
    "surfaceDigest",
    "treeDigestVerifier",
    "writeLockfile",
  ]);
});
