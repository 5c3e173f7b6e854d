import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

const bin = join(import.meta.dirname, "bin.ts");
const sigil = (...argv: readonly string[]): ReturnType<typeof spawnSync> =>
  spawnSync(process.execPath, ["--conditions=@sigilrt/source", bin, ...argv], { encoding: "utf8" });

it("is a command without a gateway: it says so, and does what needs none", () => {
  expect(sigil("--version")).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d/u) });
  expect(sigil("bundle", "inspect", "/nowhere")).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("ENOENT"),
  });
  expect(sigil("up")).toMatchObject({
    status: 3,
    stderr: expect.stringContaining("run the one that came with your gateway"),
  });
  expect(sigil("add", "/tmp")).toMatchObject({ status: 3 });
});
