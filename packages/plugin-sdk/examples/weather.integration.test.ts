import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const example = new URL("weather.ts", import.meta.url);

it("shows the plugin of the example in the README", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(`\`\`\`ts\n${await readFile(example, "utf8")}\`\`\``);
});

it("explains itself when it is started by hand", () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=@sigilrt/source", fileURLToPath(example)],
    { encoding: "utf8", env: {} },
  );
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(
    'Cannot serve plugin "weather": this program is a plugin and was not started by a plugin host',
  );
});
