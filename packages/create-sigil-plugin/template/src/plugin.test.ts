import { describeToolPlugin, openPlugin } from "@sigilrt/plugin-sdk/testing";
import { expect, it } from "vitest";
import { plugin } from "./plugin.ts";

describeToolPlugin("plugin-name", async () => {
  const opened = await openPlugin(plugin);
  return {
    plugin: opened,
    cases: [
      { tool: "greet", input: { person: "Ada" }, wrong: [{}, { person: "" }, { person: 1 }] },
    ],
    [Symbol.asyncDispose]: () => opened.close(),
  };
});

it("greets a person by name", async () => {
  const opened = await openPlugin(plugin);
  expect(await opened.call("greet", { person: "Ada" })).toMatchObject({
    text: "Hello, Ada!",
    structured: { greeting: "Hello, Ada!" },
  });
  expect((await opened.call("greet", { person: "x".repeat(101) })).failure?.code).toBe("too_long");
  await opened.close();
});
