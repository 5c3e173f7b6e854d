import { expectReadmeExample } from "@sigilrt/testing/example";
import { it } from "vitest";

it("runs the example of the README", async () => {
  await expectReadmeExample(new URL("decisions.ts", import.meta.url), [
    "kv.read true",
    "exec.run false",
    "[ 'exec.run: plugin_not_allowed', 'kv.read: allowed' ]",
    "4 records verify",
  ]);
});
