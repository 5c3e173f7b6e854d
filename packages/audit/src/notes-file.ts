import { open } from "node:fs/promises";

const CHUNK_BYTES = 65_536;
/** What ends a note in a file of notes: its own line feed, and two empty lines. */
const END = "\n\n\n";

/**
 * The newest note of a log in a file of notes, which may hold those of many logs; `undefined` when it has none, or there is no file.
 * Read from the end, as far as needed.
 */
export async function newestNote(path: string, log: string): Promise<string | undefined> {
  const handle = await open(path, "r").catch(() => undefined);
  if (!handle) return undefined;
  const origin = `/${log.replace(/^sha256:/u, "")}\n`;
  try {
    let { size: from } = await handle.stat();
    let rest = Buffer.alloc(0);
    while (from > 0) {
      const length = Math.min(from, CHUNK_BYTES);
      from -= length;
      const chunk = Buffer.alloc(length);
      // oxlint-disable-next-line no-await-in-loop -- from the end to the beginning
      await handle.read(chunk, 0, length, from);
      const bytes = Buffer.concat([chunk, rest]);
      // A note before the first end may have begun earlier, except at the beginning of the file.
      const begin = from === 0 ? 0 : bytes.indexOf(END);
      const notes = bytes
        .subarray(begin < 0 ? bytes.length : begin)
        .toString("utf8")
        .split(END)
        // What follows the last end is nothing, or half a note that a crash left.
        .slice(0, -1)
        .map((note) => `${note}\n`);
      const found = notes.findLast((note) =>
        note.slice(0, note.indexOf("\n") + 1).endsWith(origin),
      );
      if (found !== undefined) return found;
      // What cannot be a note must not be held whole.
      rest = bytes.subarray(0, begin < 0 ? CHUNK_BYTES : begin + END.length);
    }
    return undefined;
  } finally {
    await handle.close();
  }
}
