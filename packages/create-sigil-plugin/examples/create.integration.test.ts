import { expectReadmeExample } from "@sigilrt/testing/example";
import { it } from "vitest";

it("runs the example of the README", async () => {
  await expectReadmeExample(new URL("create.ts", import.meta.url), [
    ".gitignore README.md build.mjs package.json plugin.yaml src/greet.ts src/main.ts src/plugin.test.ts src/plugin.ts tsconfig.json",
    "name: weather",
    "NAME_REFUSED",
  ]);
});
