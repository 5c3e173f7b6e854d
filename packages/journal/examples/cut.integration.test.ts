import { expectReadmeExample } from "@sigilrt/testing/example";
import { it } from "vitest";

it("runs the example of the README", async () => {
  await expectReadmeExample(new URL("cut.ts", import.meta.url), [
    "1 records, 0 anchored",
    "truncated",
  ]);
});
