import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { fixtureFolder } from "./fixtures/fixture-files.ts";

const program = `
import { readFileSync } from "node:fs";
import { createWasmHost } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
const host = createWasmHost({ isolation: "worker" });
const module = await host.loadModule("m", readFileSync(process.argv[1] + "plugin.wasm"));
console.log((await module.call("echo", [3])).values);
`;

it("keeps no program alive that is done and forgot to close", async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@sigilrt/source", "--input-type=module", "--eval", program, "--", fixtureFolder],
    { timeout: 10_000 },
  );
  expect(stdout).toBe("[ 3 ]\n");
});
