import { expectReadmeExample } from "@sigilrt/testing/example";
import { it } from "vitest";

it("runs the example of the README", async () => {
  await expectReadmeExample(new URL("approve.ts", import.meta.url), [
    '{"limits":{"perDay":1000},"paths":["out/a.txt"],"tool":"send"}',
    "NOT_CANONICAL: not-canonical",
    '"docs/read me.md" safe',
    '"../etc/passwd" traversal',
    '"aux.txt" windows-reserved',
    '"a\u202Etxt.exe" invisible-character',
    "true",
  ]);
});
