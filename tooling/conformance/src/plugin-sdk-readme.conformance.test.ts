import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { fixture } from "../fixtures/plugin-sdk/spawned-plugin.ts";

const sdk = new URL("../../../packages/plugin-sdk/", import.meta.url);

it("runs the host of the SDK's README beside the plugin of its examples", async () => {
  const host = fixture("readme-host.ts");
  const readme = await readFile(new URL("README.md", sdk), "utf8");
  const [, first] = /^```ts\n([\s\S]*?)^```$/mu.exec(readme) ?? [];
  expect(first).toBe(await readFile(host, "utf8"));

  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@sigilrt/source", host],
    { cwd: fileURLToPath(new URL("examples/", sdk)) },
  );
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([
    { kind: "progress", progress: { completed: 1, total: 2, message: "looking up" } },
    { kind: "content", content: { kind: "text", text: "It is sunny in Bern" } },
    { kind: "result", isError: false, structured: { city: "Bern", sky: "sunny" } },
  ]);
});
