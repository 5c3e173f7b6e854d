import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openJournal, openSigningKey, verifyJournal } from "@sigilrt/journal";

const folder = await mkdtemp(join(tmpdir(), "cut-"));
const path = join(folder, "runs.jsonl");
const signer = await openSigningKey(join(folder, "key.pem"), "example.org/runs");

// A sink keeps checkpoints where whoever can write the journal cannot: another disk, another machine.
const kept: string[] = [];
const elsewhere = {
  store: async (note: string) => void kept.push(note),
  latest: async () => kept.at(-1),
};

const journal = await openJournal(path, { log: "runs-1", signer, sinks: [elsewhere] });
await journal.append([{ type: "payment.made", body: { to: "ada", micro_usd: "1250000" } }]);
await journal.append([{ type: "payment.made", body: { to: "mallory", micro_usd: "9000000" } }]);
await journal.close();

// Somebody cuts the last record off. The chain alone cannot know; the checkpoint does.
const lines = (await readFile(path, "utf8")).split("\n");
await writeFile(path, `${lines[0]}\n`);
const checks = [{}, { checkpoints: kept.slice(-1), keys: [signer.vkey] }];
for (const check of checks) {
  const verdict = await verifyJournal(createReadStream(path), { log: "runs-1", ...check });
  console.log(
    verdict.ok ? `${verdict.records} records, ${verdict.anchored} anchored` : verdict.kind,
  );
}
await rm(folder, { recursive: true });
