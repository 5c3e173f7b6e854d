import { expect, it } from "vitest";

it("exports what the README names, and nothing else", async () => {
  expect(Object.keys(await import("@sigilrt/manager")).toSorted()).toEqual([
    "ManagerError",
    "PLUGIN_REJECTION_KINDS",
    "PluginManager",
    "acceptDeclared",
    "createModuleImporter",
    "createPluginRegistry",
    "examinePlugin",
    "exitCodeForRejection",
    "grantFor",
    "inspectPlugins",
    "learnPlugin",
    "loadPlugins",
  ]);
});
