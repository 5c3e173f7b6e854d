import { expectReadmeExample } from "@sigilrt/testing/example";
import { it } from "vitest";

it("runs the example of the README", async () => {
  await expectReadmeExample(new URL("wrap.ts", import.meta.url), [
    "[ 'add' ]",
    "{ kind: 'content', content: { kind: 'text', text: '5' } }",
    "{ kind: 'result', isError: false }",
    "requested",
  ]);
});
