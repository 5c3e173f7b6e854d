import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { count } from "@sigilrt/testing/counts";
import { expect, it } from "vitest";
import { createCheckpointSigner } from "./checkpoint.ts";
import { openJournal } from "./journal.ts";
import type { JournalRecord } from "./record.ts";
import { verifyJournal } from "./verify.ts";

const writer = `
import { writeSync } from "node:fs";
import { createCheckpointSigner, openJournal } from ${JSON.stringify(fileURLToPath(new URL("index.ts", import.meta.url)))};
const [, , path, run] = process.argv;
const signer = createCheckpointSigner("t", Buffer.alloc(32, 7));
const journal = await openJournal(path, { log: "l", signer, sinks: [] });
let n = 0;
const caller = async () => {
  for (;;) {
    const id = run + "-" + (n += 1);
    await journal.append([{ type: "t", body: { id } }]);
    writeSync(1, id + "\\n");
  }
};
await Promise.all(Array.from({ length: 64 }, caller));
`;

it(`has every acknowledged record once after ${count("kills")} kills at a random moment`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "journal-"));
  // Opening reads a journal to its end, so each one lives through a few kills only.
  const pathOf = (round: number): string => join(folder, `${Math.floor(round / 10)}.jsonl`);
  const script = join(folder, "writer.ts");
  writeFileSync(script, writer);
  const acknowledged = new Set<string>();
  try {
    for (let round = 0; round < count("kills"); round += 1) {
      const args = ["--conditions=@sigilrt/source", script, pathOf(round), String(round)];
      const child: ChildProcess = spawn(process.execPath, args, {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const exited = once(child, "exit");
      const target = 1 + ((round * 7_919) % 400);
      let seen = 0;
      if (!child.stdout) throw new Error("no standard output");
      // oxlint-disable-next-line no-await-in-loop -- one writer after the other
      for await (const line of createInterface(child.stdout)) {
        acknowledged.add(line);
        seen += 1;
        if (seen === target) child.kill("SIGKILL");
      }
      // oxlint-disable-next-line no-await-in-loop -- one writer after the other
      await exited;
    }
    const signer = createCheckpointSigner("t", Buffer.alloc(32, 7));
    const written: string[] = [];
    const onRecord = ({ type, body }: JournalRecord): void =>
      void (type === "t" && written.push(JSON.stringify(body["id"])));
    for (let round = 0; round < count("kills"); round += 10) {
      const path = pathOf(round);
      // oxlint-disable-next-line no-await-in-loop -- one journal after the other
      await (await openJournal(path, { log: "l", signer, sinks: [] })).close();
      // oxlint-disable-next-line no-await-in-loop -- one journal after the other
      const verdict = await verifyJournal(createReadStream(path), { log: "l", onRecord });
      expect(verdict).toMatchObject({ ok: true });
    }
    expect(new Set(written).size).toBe(written.length);
    const known = new Set(written);
    const lost = [...acknowledged].filter((id) => !known.has(JSON.stringify(id)));
    expect(lost).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
