import { expect, it } from "vitest";

it("exports what the README names, and nothing else", async () => {
  expect(Object.keys(await import("@sigilrt/integrity")).toSorted()).toEqual([
    "IntegrityError",
    "ModuleRejectedError",
    "acceptUnverified",
    "allOf",
    "amendLockfile",
    "applyVerifier",
    "diffSurface",
    "digestFiles",
    "digestTree",
    "ed25519Verifier",
    "formatLockfile",
    "guardModules",
    "lockDigest",
    "openPluginStore",
    "openTemporaryPluginStore",
    "parseLockfile",
    "readLockfile",
    "signPlugin",
    "surfaceDigest",
    "treeDigestVerifier",
    "writeLockfile",
  ]);
});
