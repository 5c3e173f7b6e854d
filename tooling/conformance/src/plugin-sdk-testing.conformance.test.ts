import { createProcessHost, unconfinedRunner } from "@sigilrt/process-host";
import { describeToolPlugin, hostedPlugin, openPlugin } from "@sigilrt/plugin-sdk/testing";
import { describe } from "vitest";
import { fixture } from "../fixtures/plugin-sdk/spawned-plugin.ts";
import { tested } from "../fixtures/plugin-sdk/tested.ts";

const calls = {
  cases: [
    { tool: "echo", input: { words: "hello" }, wrong: [{}, { words: 1 }, { words: ["hello"] }] },
  ],
  endless: { tool: "wait", input: {} },
};

describeToolPlugin("a plugin in the process of its test", async () => {
  const plugin = await openPlugin(tested);
  return { plugin, ...calls, [Symbol.asyncDispose]: () => plugin.close() };
});

describe.each(["required", "off"] as const)("in a real host, lane %s", (lane) => {
  describeToolPlugin("a plugin", async () => {
    const host = createProcessHost({ runner: unconfinedRunner(), lane });
    const plugin = await host.launch({
      path: process.execPath,
      args: ["--conditions=@sigilrt/source", fixture("serve-tested.ts")],
    });
    return {
      plugin: hostedPlugin(plugin),
      ...calls,
      [Symbol.asyncDispose]: () => host.close(),
    };
  });
});
