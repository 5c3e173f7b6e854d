import { expectReadmeExample } from "@sigilrt/testing/example";
import { it } from "vitest";

it("runs the example of the README", async () => {
  await expectReadmeExample(new URL("undo.ts", import.meta.url), [
    "failed ok",
    "1-write ok",
    "2-break failed",
    "compensation.started compensation.completed",
  ]);
});
