import { type FileHandle, open } from "node:fs/promises";
import type { JournalFaultKind, JournalRecord } from "@sigilrt/journal";
import { isAcceptedLoss } from "./accepted-loss.ts";
import { AuditError } from "./audit-error.ts";
import { readRecordLine } from "./record-line.ts";
import { MAX_LINE_BYTES, type Segment } from "./segment.ts";

/** How far a segment was read. */
export interface ReadPlace {
  /** Bytes, up to and with the last line feed. */
  readonly bytes: number;
  /** Records, which is also the next `seq`. */
  readonly records: number;
  /** The `entry_hash` of the last record; `null` before the first. */
  readonly head: string | null;
}

/** A record that follows from the one before, and where its line lies. */
export interface PlacedRecord {
  readonly record: JournalRecord;
  /** The line without its line feed. */
  readonly text: string;
  /** Bytes before it in the file. */
  readonly offset: number;
  /** Bytes of it, without its line feed. */
  readonly length: number;
}

/** Where a segment begins. */
export const SEGMENT_START: ReadPlace = { bytes: 0, records: 0, head: null };

const PORTION_BYTES = 131_072;
const LF = 0x0a;

/**
 * Reads a segment on from a place, in portions, each record checked against the one before. Ends before a last line that has no line
 * feed yet: the writer may be in the middle of it. A segment that a person gave up ends where it no longer verifies.
 *
 * @throws {@link AuditError} `NOT_VERIFIED` with the fault; what the file system throws
 */
export async function* readSegment(
  segment: Segment,
  from: ReadPlace = SEGMENT_START,
  portionBytes = PORTION_BYTES,
): AsyncGenerator<readonly PlacedRecord[]> {
  const handle = await open(segment.path, "r");
  try {
    let place = from;
    let rest = Buffer.alloc(0);
    for (;;) {
      const chunk = Buffer.allocUnsafe(portionBytes);
      const position = place.bytes + rest.length;
      // oxlint-disable-next-line no-await-in-loop -- one portion after the other
      const { bytesRead } = await handle.read(chunk, 0, portionBytes, position);
      if (bytesRead === 0) return;
      const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      const end = bytes.lastIndexOf(LF) + 1;
      const { placed, fault } = readLines(segment, bytes.subarray(0, end), place);
      const last = placed.at(-1);
      if (last) {
        const { seq, entry_hash: head } = last.record;
        place = { bytes: place.bytes + end, records: seq + 1, head };
        yield placed;
      }
      rest = bytes.subarray(end);
      const found = fault ?? (rest.length >= MAX_LINE_BYTES ? "record_too_large" : undefined);
      if (found === undefined) continue;
      // oxlint-disable-next-line no-await-in-loop -- the last look
      if (await isAcceptedLoss(segment)) return;
      throw refusal(segment, found, place.records);
    }
  } finally {
    await handle.close();
  }
}

/** The record whose whole line lies there; `undefined` when none does. */
export async function lineAt(
  segment: Segment,
  offset: number,
  length: number,
): Promise<JournalRecord | undefined> {
  if (offset < 0 || length < 1 || length > MAX_LINE_BYTES) return undefined;
  let handle: FileHandle;
  try {
    handle = await open(segment.path, "r");
  } catch {
    return undefined;
  }
  try {
    // With the line feeds around it: inside a line, the text of a plugin may look like a record.
    const start = Math.max(0, offset - 1);
    const lead = offset - start;
    const bytes = Buffer.alloc(lead + length + 1);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
    const line = bytes.subarray(lead, lead + length);
    const isWhole =
      bytesRead === bytes.length &&
      (lead === 0 || bytes[0] === 0x0a) &&
      bytes.at(-1) === 0x0a &&
      !line.includes(0x0a);
    if (!isWhole) return undefined;
    const read = readRecordLine(line, segment.log);
    return "fault" in read ? undefined : read.record;
  } finally {
    await handle.close();
  }
}

interface ReadLines {
  readonly placed: readonly PlacedRecord[];
  /** Why it ended before the last of the lines. */
  readonly fault?: JournalFaultKind;
}

function readLines(segment: Segment, bytes: Buffer, from: ReadPlace): ReadLines {
  const placed: PlacedRecord[] = [];
  let { records, head } = from;
  let start = 0;
  for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, start)) {
    const line = readRecordLine(bytes.subarray(start, end), segment.log);
    if ("fault" in line) return { placed, fault: line.fault };
    const { record, text } = line;
    if (record.seq !== records) return { placed, fault: "sequence_gap" };
    if (record.prev_hash !== head) return { placed, fault: "chain_broken" };
    placed.push({ record, text, offset: from.bytes + start, length: end - start });
    records += 1;
    head = record.entry_hash;
    start = end + 1;
  }
  return { placed };
}

function refusal(segment: Segment, kind: JournalFaultKind, records: number): AuditError {
  const fault = { kind, line: records + 1 };
  const message = `Cannot read "${segment.path}": ${kind}, line ${fault.line}; run verify`;
  return new AuditError("NOT_VERIFIED", message, { fault });
}
