import { expectReadmeExample } from "@sigilrt/testing/example";
import { it } from "vitest";

it("runs the example of the README", async () => {
  await expectReadmeExample(new URL("verify.ts", import.meta.url), [
    "run it",
    "integrity_mismatch",
  ]);
});
