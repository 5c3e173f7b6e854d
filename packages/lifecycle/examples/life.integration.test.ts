import { expectReadmeExample } from "@sigilrt/testing/example";
import { it } from "vitest";

it("runs the example of the README", async () => {
  await expectReadmeExample(new URL("life.ts", import.meta.url), [
    "discovered -> validating",
    "validating -> loading",
    "loading -> running",
    'INVALID_TRANSITION: Cannot move plugin "telegram" from running to "stopped": no such move',
    "running -> error",
    "{ kind: 'restart', delayMs: 250, attempt: 1 }",
  ]);
});
