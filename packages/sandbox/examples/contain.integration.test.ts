import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeWith } from "@sigilrt/testing";
import { expect, it } from "vitest";

const example = fileURLToPath(new URL("contain.ts", import.meta.url));

it("stands in the README, as it is run", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(/```ts\n(.*?)```/s.exec(readme)?.[1]).toBe(readFileSync(example, "utf8"));
});

describeWith(["bwrap", "prlimit"], "the example", () => {
  it("reads what was granted and finds nothing where it was not", () => {
    const run = spawnSync(process.execPath, ["--conditions=@sigilrt/source", example], {
      encoding: "utf8",
    });
    expect(run.stdout).toBe("today.txt buy bread\nsecret.txt ENOENT\nplugin exited\n");
    expect(run.status).toBe(0);
  });
});
