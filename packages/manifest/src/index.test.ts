import { expect, it } from "vitest";

it("exports what the README names, and nothing else", async () => {
  expect(Object.keys(await import("@sigilrt/manifest")).toSorted()).toEqual([
    "EXECUTION_TIERS",
    "ManifestError",
    "PLUGIN_ADAPTERS",
    "PLUGIN_TYPES",
    "compareVersions",
    "decideEngine",
    "extendManifest",
    "manifestJsonSchema",
    "parseDuration",
    "parseManifest",
    "parseSize",
    "requestedCapabilities",
    "satisfiesRange",
    "validateConfig",
    "validateManifest",
  ]);
});
