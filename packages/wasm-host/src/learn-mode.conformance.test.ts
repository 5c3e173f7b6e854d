import type { Refusal } from "@sigilrt/lifecycle";
import { expect, it } from "vitest";
import { componentPlugins } from "./component-plugins.ts";
import { specOf } from "./fixtures/host-fixture.ts";
import { createWasmHost } from "./wasm-host.ts";

it("tells who wants to hear it which capabilities a component asked for in vain", async () => {
  await using wasm = createWasmHost({ isolation: "worker", timeoutMs: 30_000 });
  const host = componentPlugins(wasm, {
    decide: async ({ capability }) => capability !== "clock.read",
    imports: {},
  });
  const heard: Refusal[] = [];
  const spec = {
    ...specOf("component", "guest.wasm"),
    onRefusal: (one: Refusal) => heard.push(one),
  };
  await using plugin = await host.start("guest", spec);
  const call = {
    tool: "ask",
    arguments: { what: "wall" },
    requestId: "1",
    principal: { workspace: "w", user: "u" },
  };
  const limits = { signal: new AbortController().signal, deadlineAt: Date.now() + 30_000 };
  for await (const chunk of plugin.call(call, limits)) expect(chunk.kind).not.toBe("progress");

  expect(heard).toEqual([{ pattern: "clock.read", evidence: "asked for clock.read" }]);
});
