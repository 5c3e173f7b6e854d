import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type LogState, verifyCheckpoint } from "./checkpoint.ts";
import { JournalError } from "./journal-error.ts";
import { createMerkleFrontier, type MerkleFrontier } from "./merkle.ts";
import { hashOf, type JournalRecord, MAX_LINE_BYTES } from "./record.ts";
import type { CheckpointSink } from "./sink.ts";
import type { JournalFault } from "./verdict.ts";
import { verifyJournal } from "./verify.ts";

/** What an existing journal was found to hold, ready to be appended to. */
export interface Recovered {
  readonly size: number;
  readonly head: string | null;
  readonly tree: MerkleFrontier;
  readonly sealed: boolean;
  /** Where the next line goes. */
  readonly bytes: number;
  /** What a crash left of a line, and where it was set aside. */
  readonly torn: { readonly bytes: number; readonly digest: string } | undefined;
}

interface RecoverOptions {
  readonly log: string;
  readonly keys: readonly string[];
  readonly sinks: readonly CheckpointSink[];
}

/**
 * Reads a journal to its end before anything is appended. What a crash left of the last line is set aside, unless a checkpoint
 * covers it.
 *
 * @throws {@link JournalError} `TRUNCATED`, `NOT_VERIFIED` with the fault, `IO`
 */
export async function recoverJournal(
  path: string,
  handle: FileHandle,
  { log, keys, sinks }: RecoverOptions,
): Promise<Recovered> {
  const length = (await handle.stat()).size;
  const whole = await wholeLines(handle, length);
  const anchors = await findAnchors(path, { log, keys, sinks });

  const tree = createMerkleFrontier();
  let last: JournalRecord | undefined;
  const source = whole === 0 ? empty() : createReadStream(path, { end: whole - 1 });
  const verdict = await verifyJournal(observed(source, tree), {
    log,
    checkpoints: anchors,
    onRecord: (record) => {
      last = record;
    },
  });
  if (!verdict.ok) throw refusal(path, verdict);

  const torn = whole === length ? undefined : await setAside(path, handle, whole, length);
  const { records: size, sealed } = verdict;
  return { size, head: last?.entry_hash ?? null, tree, sealed, bytes: whole, torn };
}

/** Notes are some 300 bytes long, so this holds many. */
const NOTES_TAIL = 65_536;

/** The path of the notes that lie beside a journal. */
export const notesPath = (path: string): string => `${path}.checkpoints`;

/** Fills the tree with the lines as they pass, so that the file is read once. */
async function* observed(
  source: AsyncIterable<Uint8Array>,
  tree: MerkleFrontier,
): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    yield chunk;
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      tree.add(rest.subarray(0, end));
      rest = rest.subarray(end + 1);
    }
  }
}

async function* empty(): AsyncGenerator<Uint8Array> {
  // A journal without a whole line.
}

async function wholeLines(handle: FileHandle, length: number): Promise<number> {
  const tail = Buffer.alloc(Math.min(length, MAX_LINE_BYTES + 1));
  await handle.read(tail, 0, tail.length, length - tail.length);
  const feed = tail.lastIndexOf(0x0a);
  if (feed >= 0) return length - tail.length + feed + 1;
  // No line is this long, so this is no torn line but something else.
  if (tail.length > MAX_LINE_BYTES) return length;
  return 0;
}

async function findAnchors(
  path: string,
  { log, keys, sinks }: RecoverOptions,
): Promise<readonly LogState[]> {
  const verified = (note: string): readonly LogState[] => {
    const verdict = verifyCheckpoint(note, { log, keys });
    // A note by an unknown key, or of a former log, says nothing about this one; a forged one must not close the journal.
    return verdict.ok ? [verdict.state] : [];
  };
  const beside = (await notesBeside(path)).flatMap(verified);
  const elsewhere = await Promise.all(sinks.map((sink) => sink.latest(log).catch(() => undefined)));
  return [
    ...beside.slice(-1),
    ...elsewhere.flatMap((note) => (note === undefined ? [] : verified(note))),
  ];
}

/** The last notes beside a journal; a crash may have left half of the newest. */
async function notesBeside(path: string): Promise<readonly string[]> {
  const handle = await open(notesPath(path), "r").catch(() => undefined);
  if (!handle) return [];
  try {
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.min(size, NOTES_TAIL));
    await handle.read(tail, 0, tail.length, size - tail.length);
    return tail
      .toString("utf8")
      .split("\n\n\n")
      .map((note) => `${note}\n`);
  } finally {
    await handle.close();
  }
}

async function setAside(
  path: string,
  handle: FileHandle,
  from: number,
  to: number,
): Promise<{ readonly bytes: number; readonly digest: string }> {
  const rest = Buffer.alloc(to - from);
  await handle.read(rest, 0, rest.length, from);
  const torn = await open(`${path}.torn`, "a", 0o600);
  try {
    await torn.writeFile(rest);
    await torn.sync();
  } finally {
    await torn.close();
  }
  await handle.truncate(from);
  await handle.datasync();
  return { bytes: rest.length, digest: hashOf(rest.toString("latin1")) };
}

function refusal(path: string, fault: JournalFault): JournalError {
  const place = fault.line === undefined ? "" : `, line ${fault.line}`;
  if (fault.kind === "truncated") {
    const message = `Cannot open journal "${path}": a checkpoint vouches for ${fault.checkpoint} records, and fewer are there`;
    return new JournalError("TRUNCATED", message, { fault });
  }
  const message = `Cannot open journal "${path}": ${fault.kind}${place}; verify a copy and start a new one`;
  return new JournalError("NOT_VERIFIED", message, { fault });
}
