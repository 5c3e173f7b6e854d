import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type JournalRecord, type JournalVerdict, verifyJournal } from "@sigilrt/journal";
import { UsageError } from "../usage-error.ts";
import { notesIn, readText } from "../verify-verb.ts";
import type { MissionPlace } from "./mission-place.ts";

const ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/u;

/** What a journal of a mission proves, and its records. */
export interface ReadMission {
  readonly verdict: JournalVerdict;
  readonly records: readonly JournalRecord[];
}

/** Reads an execution's journal against every checkpoint that there is of it. @throws Error for one that cannot be read */
export async function readMission(
  { directory, anchors, keys }: MissionPlace,
  id: string,
  checkpoints: readonly string[] = [],
): Promise<ReadMission> {
  if (!ID.test(id)) throw new UsageError(`Cannot read mission "${id}": its id is a UUID`);
  const path = join(directory, `${id}.jsonl`);
  const isThere = await stat(path).catch(() => undefined);
  if (!isThere) throw new Error(`Cannot read mission ${id}: there is no journal of it`);
  const log = await logOf(path);
  const files = [`${path}.checkpoints`, ...anchors, ...checkpoints];
  const found = await Promise.all(files.map((file) => notesIfThere(file, checkpoints)));
  const own = found.flat().filter((note) => log !== undefined && isOf(note, log));
  const vkeys = await Promise.all(keys.map((file) => readText(file)));
  const records: JournalRecord[] = [];
  const verdict = await verifyJournal(createReadStream(path), {
    ...(log === undefined ? {} : { log }),
    checkpoints: own,
    keys: vkeys.map((text) => text.trim()),
    onRecord: (record) => void records.push(record),
  });
  return { verdict, records };
}

/** The log's id is that of the first record; a line that is none has no id, and does not verify either. */
async function logOf(path: string): Promise<string | undefined> {
  const [first = ""] = (await readText(path)).split("\n", 1);
  try {
    const record: unknown = JSON.parse(first);
    const log = typeof record === "object" && record !== null && "log" in record && record.log;
    return typeof log === "string" ? log : undefined;
  } catch {
    return undefined;
  }
}

async function notesIfThere(file: string, needed: readonly string[]): Promise<readonly string[]> {
  // A file that was named has to be there; the others come with the first checkpoint.
  if (needed.includes(file)) return notesIn(file);
  const isThere = await stat(file).catch(() => undefined);
  return isThere ? notesIn(file) : [];
}

const isOf = (note: string, log: string): boolean => {
  const [origin = ""] = note.split("\n", 1);
  return origin.endsWith(`/${log.replace(/^sha256:/u, "")}`);
};
