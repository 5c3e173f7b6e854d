import { expectReadmeExample } from "@sigilrt/testing/example";
import { it } from "vitest";

it("runs the example of the README", async () => {
  await expectReadmeExample(new URL("serve.ts", import.meta.url), [
    "401",
    "[ 'greeter.greet' ]",
    `[ { type: 'text', text: 'greet "Bob"' } ]`,
    "-32602 Unknown tool",
    "-32602 Unknown tool",
    "[",
    "  'tool.greeter.greet allowed',",
    "  'tool.greeter.insult denied',",
    "  'tool.greeter.nothing denied'",
    "]",
  ]);
});
