import { expectReadmeExample } from "@sigilrt/testing/example";
import { it } from "vitest";

it("runs the example of the README", async () => {
  await expectReadmeExample(new URL("compose.ts", import.meta.url), [
    "[ 'greeter 1.0.0' ]",
    "completed [ { kind: 'text', text: 'Hello, \"Ada\"' } ]",
    "denied ",
    "[",
    "  'plugin.admitted ok',",
    "  'grant.registered ok',",
    "  'capability_check allowed',",
    "  'plugin.started ok',",
    "  'call.completed ok',",
    "  'capability_check denied'",
    "]",
  ]);
});
