import { open } from "node:fs/promises";
import type { JournalRecord, JsonObject, VerifiedJournal } from "@sigilrt/journal";
import { readRecordLine } from "./record-line.ts";
import { MAX_LINE_BYTES, type Segment } from "./segment.ts";

/** What a journal writes that a crash had left: it may come before the first record of a segment. */
export const RECOVERED_TYPE = "journal.recovered";

/** How the segment before ended, as the first record of a segment names it, so that the whole is one chain. */
export interface SegmentLink {
  readonly log: string;
  readonly size: number;
  readonly root: string;
  readonly entry_hash: string;
}

/** A part of the log that a person gave up, with the bytes that lay there then. */
export interface Loss {
  readonly segment: string;
  readonly kind: string;
  readonly line?: number;
  /** Absent for a segment that was missing. */
  readonly digest?: string;
}

/** What the first record of a segment says. */
export interface SegmentStart {
  /** Absent in the first segment of a log, and after one of which nothing was left. */
  readonly link: SegmentLink | undefined;
  /** The public key of its checkpoints. */
  readonly key: string | undefined;
  /** Tells apart the keys that values were replaced under; absent where none was. */
  readonly tokens: string | undefined;
  /** What was given up before it, by whom and why; absent when it follows the segment before it. */
  readonly reseal:
    | {
        readonly actor: string;
        readonly reason: string;
        readonly at: string;
        readonly losses: readonly Loss[];
      }
    | undefined;
}

/** What the first record of a segment is written from. */
export interface SegmentOrigin {
  readonly before: VerifiedJournal | undefined;
  readonly key: string;
  readonly tokens: string | undefined;
}

/** The body of the first record of a segment. */
export function startBody({ before, key, tokens }: SegmentOrigin): JsonObject {
  const link = before ? { ...linkTo(before) } : {};
  return { ...link, key, ...(tokens === undefined ? {} : { tokens }) };
}

/** How a segment ended. */
export function linkTo({ log = "", records, root, head = "" }: VerifiedJournal): SegmentLink {
  return { log, size: records, root, entry_hash: head };
}

/** Whether two links say the same, or both are absent. */
export function isSameLink(left: SegmentLink | undefined, right: SegmentLink | undefined): boolean {
  if (!left || !right) return left === right;
  return (
    left.log === right.log &&
    left.size === right.size &&
    left.root === right.root &&
    left.entry_hash === right.entry_hash
  );
}

/** Reads the first record of a segment; `undefined` for a record that begins none. */
export function parseStart({ type, body, at }: JournalRecord): SegmentStart | undefined {
  if (type !== "audit.opened" && type !== "audit.resealed") return undefined;
  const { key, tokens } = body;
  const link = parseLink(body);
  if (link === "malformed" || !isTextOrAbsent(key) || !isTextOrAbsent(tokens)) return undefined;
  if (type === "audit.opened") return { link, key, tokens, reseal: undefined };
  const { actor, reason, losses } = body;
  if (typeof actor !== "string" || typeof reason !== "string" || !Array.isArray(losses)) {
    return undefined;
  }
  const parsed = losses.flatMap((loss) => parseLoss(loss) ?? []);
  if (parsed.length !== losses.length) return undefined;
  return { link, key, tokens, reseal: { actor, reason, at, losses: parsed } };
}

/** Reads the link in a body; `undefined` when it has none. */
export function parseLink(body: JsonObject): SegmentLink | "malformed" | undefined {
  const { log, size, root, entry_hash: hash } = body;
  if ([log, size, root, hash].every((value) => value === undefined)) return undefined;
  return typeof log === "string" &&
    typeof size === "number" &&
    typeof root === "string" &&
    typeof hash === "string"
    ? { log, size, root, entry_hash: hash }
    : "malformed";
}

/** Reads the first record of a segment from its file; `undefined` where none lies. */
export async function readStart({ path, log }: Segment): Promise<SegmentStart | undefined> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.alloc(Math.min(size, MAX_LINE_BYTES));
    await handle.read(bytes, 0, bytes.length, 0);
    for (let from = 0, end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
      const line = readRecordLine(bytes.subarray(from, end), log);
      if ("fault" in line) return undefined;
      if (line.record.type !== RECOVERED_TYPE) return parseStart(line.record);
      from = end + 1;
    }
    return undefined;
  } finally {
    await handle.close();
  }
}

const isTextOrAbsent = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === "string";

function parseLoss(value: unknown): Loss | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { segment, kind, line, digest }: Partial<Record<keyof Loss, unknown>> = value;
  if (typeof segment !== "string" || typeof kind !== "string") return undefined;
  if (line !== undefined && typeof line !== "number") return undefined;
  if (!isTextOrAbsent(digest)) return undefined;
  return {
    segment,
    kind,
    ...(line === undefined ? {} : { line }),
    ...(digest === undefined ? {} : { digest }),
  };
}
