import { expect, it } from "vitest";

it("exports what the README names and nothing else", async () => {
  expect(Object.keys(await import("@sigilrt/wasm-host")).toSorted()).toEqual([
    "DEFAULT_LIMITS",
    "ImportFailure",
    "WasmError",
    "componentPlugins",
    "createWasmHost",
    "modulePlugins",
  ]);
});
