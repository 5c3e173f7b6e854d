import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "journal-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

// A limit on the size of files stands in for a full disk: the kernel cuts a write short, then fails the next.
const program = `
import { createReadStream } from "node:fs";
import { createCheckpointSigner, openJournal, verifyJournal } from ${JSON.stringify(fileURLToPath(new URL("index.ts", import.meta.url)))};
process.on("SIGXFSZ", () => undefined);
const path = process.argv[2];
const options = { log: "l", signer: createCheckpointSigner("t", Buffer.alloc(32, 7)), sinks: [] };
const journal = await openJournal(path, options);
let acknowledged = 0;
let failure;
for (; !failure; acknowledged += failure ? 0 : 1) {
  await journal.append([{ type: "t", body: { n: "x".repeat(500) } }]).catch((error) => { failure = error; });
}
const second = await journal.append([{ type: "t", body: {} }]).catch((error) => error);
await journal.close();
console.log(JSON.stringify({ acknowledged, first: failure.code, second: second.code }));
`;
const reader = program.slice(0, program.indexOf("let acknowledged"))
  .concat(`const size = journal.size; await journal.close();
const verdict = await verifyJournal(createReadStream(path), { log: "l" });
console.log(JSON.stringify({ size, ok: verdict.ok }));`);

it("fails every append after the disk was full, and loses no acknowledged record once there is room", () => {
  const run = (text: string, limit: string): unknown => {
    const script = join(folder, "run.ts");
    writeFileSync(script, text);
    const command = `${limit} exec "$0" --conditions=@sigilrt/source "$@"`;
    const args = ["-c", command, process.execPath, script, join(folder, "a.jsonl")];
    const output = execFileSync("sh", args, { encoding: "utf8" });
    return JSON.parse(output.trim().split("\n").at(-1) ?? "");
  };
  const full = run(program, "ulimit -f 32;") as { readonly acknowledged: number };
  expect(full).toMatchObject({ first: "WRITE_FAILED", second: "WRITE_FAILED" });
  expect(full.acknowledged).toBeGreaterThan(5);
  const after = run(reader, "") as { readonly size: number; readonly ok: boolean };
  expect(after.ok).toBe(true);
  expect(after.size).toBeGreaterThanOrEqual(full.acknowledged);
});
