import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createCheckpointSigner, type JournalRecord, verifyJournal } from "@sigilrt/journal";
import { count } from "@sigilrt/testing/counts";
import { expect, it } from "vitest";
import { foldSteps } from "./step-record.ts";

const script = fileURLToPath(new URL("fixtures/append-lines.ts", import.meta.url));
const SAID = 50;

/** Runs the mission and kills it when it has said so many lines; answers the last that it said. */
async function runUntil(folder: string, mode: string, lines: number): Promise<string> {
  const child = spawn(process.execPath, ["--conditions=@sigilrt/source", script, folder, mode], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let seen = 0;
  let last = "";
  for await (const line of createInterface(child.stdout)) {
    last = line;
    seen += 1;
    if (seen === lines) child.kill("SIGKILL");
  }
  await exited;
  return last;
}

it(`does every step once after ${count("kills")} kills at a random moment, and the chain is whole`, async () => {
  const killed: string[] = [];
  for (let round = 0; round < count("kills"); round += 2) {
    const folder = mkdtempSync(join(tmpdir(), "mission-"));
    mkdirSync(join(folder, "repository/out"), { recursive: true });
    try {
      // oxlint-disable-next-line no-await-in-loop -- one mission after the other
      killed.push(await runUntil(folder, "open", 1 + ((round * 7_919) % SAID)));
      // oxlint-disable-next-line no-await-in-loop -- one mission after the other
      killed.push(await runUntil(folder, "resume", 1 + ((round * 104_729) % 23)));
      // oxlint-disable-next-line no-await-in-loop -- one mission after the other
      expect(await runUntil(folder, "resume", Number.POSITIVE_INFINITY)).toBe("ended ok");

      const expected = Array.from({ length: 8 }, (_, n) => `line ${n}\n`).join("");
      expect(readFileSync(join(folder, "repository/out/log"), "utf8")).toBe(expected);
      const records: JournalRecord[] = [];
      // oxlint-disable-next-line no-await-in-loop -- one mission after the other
      const verdict = await verifyJournal(createReadStream(join(folder, "journal.jsonl")), {
        checkpoints: readFileSync(join(folder, "elsewhere"), "utf8").split("\0").slice(-2, -1),
        keys: [createCheckpointSigner("test", Buffer.alloc(32, 7)).vkey],
        log: logOf(folder),
        seal: "required",
        onRecord: (record) => void records.push(record),
      });
      expect(verdict).toMatchObject({ ok: true, unanchored: 0 });
      expect(foldSteps(records).map(({ status }) => status)).toEqual(
        Array.from({ length: 8 }, () => "ok"),
      );
      const done = records.filter(
        ({ type, body }) => type === "operation.completed" && body["status"] === "ok",
      );
      expect(done.length).toBe(8);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  // The moments differ: before, within and after effects.
  expect(new Set(killed).size).toBeGreaterThan(2);
});

function logOf(folder: string): string {
  const [first = ""] = readFileSync(join(folder, "journal.jsonl"), "utf8").split("\n");
  const record: unknown = JSON.parse(first);
  if (typeof record !== "object" || record === null || !("log" in record))
    throw new Error("no log");
  return String(record.log);
}
