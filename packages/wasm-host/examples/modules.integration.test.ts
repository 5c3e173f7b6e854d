import { expectReadmeExample } from "@sigilrt/testing/example";
import { it } from "vitest";

it("runs the example of the README", async () => {
  await expectReadmeExample(new URL("modules.ts", import.meta.url), [
    "[ 42 ]",
    "TIMEOUT in phase call",
    "[ 8 ]",
    "3",
    "FUEL_EXHAUSTED",
  ]);
});
