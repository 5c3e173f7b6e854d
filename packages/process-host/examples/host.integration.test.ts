import { readFile } from "node:fs/promises";
import { expectReadmeExample } from "@sigilrt/testing/example";
import { expect, it } from "vitest";

it("runs the example of the README", async () => {
  await expectReadmeExample(new URL("host.ts", import.meta.url), [
    "[ 'weather' ]",
    "Sunny in Bern",
    "requested 0",
  ]);
});

it("shows the plugin of the example in the README", async () => {
  const plugin = await readFile(new URL("weather-plugin.ts", import.meta.url), "utf8");
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(`\`\`\`ts\n${plugin}\`\`\``);
});
