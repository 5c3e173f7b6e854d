import { expectReadmeExample } from "@sigilrt/testing/example";
import { it } from "vitest";

it("runs the example of the README", async () => {
  await expectReadmeExample(new URL("contain.ts", import.meta.url), [
    "out/a.txt allowed",
    "OUT/Private/key path_denied",
    "PLUGINS.LOCK protected_path",
    "../secret.txt path_unsafe",
    "out/a.txt written",
    "out/link symlink_escape",
    "held, budget_exceeded",
  ]);
});
