import { canonicalize, type JsonValue } from "@sigilrt/canonical";
import { type LogState, verifyCheckpoint } from "./checkpoint.ts";
import { splitLines } from "./lines.ts";
import { createMerkleFrontier, type MerkleFrontier } from "./merkle.ts";
import { hashOf, isRecord, type JournalRecord, MAX_LINE_BYTES } from "./record.ts";
import type { JournalFault, JournalFaultKind, JournalVerdict } from "./verdict.ts";

/** What a log is held against. */
export interface VerifyOptions {
  /** The log's id; that of the first record when absent. Needed to check signed notes. */
  readonly log?: string;
  /** Checkpoints that lie elsewhere: signed notes, or states that were verified before. Without one, a cut tail does not show. */
  readonly checkpoints?: readonly (string | Omit<LogState, "log">)[];
  /** Keys of the notes, as `vkey` texts. */
  readonly keys?: readonly string[];
  /** `strict` writes every record again and compares (the default); `fast` hashes the line as it is. */
  readonly mode?: "strict" | "fast";
  /** With `required`, a log that was not ended is `not_sealed`. */
  readonly seal?: "required";
  /** Hears every record that was verified, in order. */
  readonly onRecord?: (record: JournalRecord) => void;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a log and answers what it proves, or the first thing that does not verify. Streaming: the bytes may be cut anywhere, and
 * memory does not grow with the log.
 *
 * @throws whatever the source throws; a failure to read is no verdict
 */
export async function verifyJournal(
  lines: AsyncIterable<Uint8Array>,
  options: VerifyOptions = {},
): Promise<JournalVerdict> {
  const anchors = readAnchors(options);
  if ("kind" in anchors) return { ok: false, ...anchors };
  const chain = new Chain(options, anchors.states);
  for await (const line of splitLines(lines, MAX_LINE_BYTES)) {
    const fault = line.kind === "line" ? chain.take(line.bytes) : chain.refuse(line.kind);
    if (fault) return { ok: false, ...fault };
  }
  return chain.end();
}

function readAnchors({
  checkpoints = [],
  keys = [],
  log,
}: VerifyOptions): { readonly states: readonly Omit<LogState, "log">[] } | JournalFault {
  const states: Omit<LogState, "log">[] = [];
  for (const checkpoint of checkpoints) {
    if (typeof checkpoint !== "string") {
      states.push(checkpoint);
      continue;
    }
    const verdict = verifyCheckpoint(checkpoint, { log: log ?? "", keys });
    if (!verdict.ok) return { kind: verdict.kind };
    states.push(verdict.state);
  }
  return { states: states.toSorted((left, right) => left.size - right.size) };
}

class Chain {
  readonly #options: VerifyOptions;
  readonly #anchors: Omit<LogState, "log">[];
  readonly #tree: MerkleFrontier = createMerkleFrontier();
  readonly #clockWentBack: number[] = [];
  #log: string | undefined;
  #head: string | undefined;
  #lastAt = "";
  #anchored = 0;
  #sealed = false;

  constructor(options: VerifyOptions, anchors: readonly Omit<LogState, "log">[]) {
    this.#options = options;
    this.#anchors = [...anchors];
    this.#log = options.log;
  }

  take(bytes: Uint8Array): JournalFault | undefined {
    const early = this.#meetAnchors();
    if (early) return early;
    const read = readLine(bytes, this.#options.mode ?? "strict");
    if ("fault" in read) return this.refuse(read.fault);
    const { record, text } = read;
    const fault = this.#check(record, text);
    if (fault) return this.refuse(fault);
    this.#tree.add(bytes);
    this.#log = record.log;
    this.#head = record.entry_hash;
    if (record.at < this.#lastAt) this.#clockWentBack.push(record.seq);
    this.#lastAt = record.at;
    this.#sealed = record.type === "journal.sealed";
    this.#options.onRecord?.(record);
    return undefined;
  }

  refuse(kind: JournalFaultKind): JournalFault {
    return { kind, line: this.#tree.size + 1 };
  }

  end(): JournalVerdict {
    const fault = this.#meetAnchors();
    if (fault) return { ok: false, ...fault };
    const [missed] = this.#anchors;
    if (missed) return { ok: false, kind: "truncated", checkpoint: missed.size };
    if (this.#options.seal === "required" && !this.#sealed)
      return { ok: false, kind: "not_sealed" };
    const { size } = this.#tree;
    return Object.freeze({
      ok: true,
      records: size,
      ...(this.#log === undefined ? {} : { log: this.#log }),
      ...(this.#head === undefined ? {} : { head: this.#head }),
      root: this.#tree.root(),
      anchored: this.#anchored,
      unanchored: size - this.#anchored,
      sealed: this.#sealed,
      clockWentBack: Object.freeze(this.#clockWentBack),
    });
  }

  #check(record: JournalRecord, text: string): JournalFaultKind | undefined {
    if (this.#log !== undefined && record.log !== this.#log) return "log_mismatch";
    if (record.seq !== this.#tree.size) return "sequence_gap";
    if (record.prev_hash !== (this.#head ?? null)) return "chain_broken";
    if (record.entry_hash !== hashOf(withoutHash(record, text, this.#options.mode))) {
      return "entry_hash_mismatch";
    }
    return this.#sealed ? "record_after_seal" : undefined;
  }

  /** Holds the records so far against every checkpoint of exactly this size. */
  #meetAnchors(): JournalFault | undefined {
    const { size } = this.#tree;
    while (this.#anchors[0]?.size === size) {
      const root = this.#anchors.shift()?.root;
      if (root !== this.#tree.root()) return { kind: "checkpoint_mismatch", checkpoint: size };
      this.#anchored = size;
    }
    return undefined;
  }
}

type ReadLine =
  | { readonly record: JournalRecord; readonly text: string }
  | { readonly fault: JournalFaultKind };

function readLine(bytes: Uint8Array, mode: "strict" | "fast"): ReadLine {
  let text: string;
  let value: JsonValue;
  try {
    text = decoder.decode(bytes);
    // JSON.parse answers nothing but JSON values; its declared type is `any`.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
    value = JSON.parse(text) as JsonValue;
  } catch {
    return { fault: "record_malformed" };
  }
  if (mode === "strict" && !isCanonical(value, text)) return { fault: "record_not_canonical" };
  if (!isObject(value)) return { fault: "record_malformed" };
  if (value["v"] !== 1) return { fault: "unknown_version" };
  return isRecord(value) ? { record: value, text } : { fault: "record_malformed" };
}

function isCanonical(value: JsonValue, text: string): boolean {
  try {
    return canonicalize(value) === text;
  } catch {
    return false;
  }
}

const isObject = (value: JsonValue): value is { readonly [key: string]: JsonValue } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The hashed text: the record without its own hash. In `fast` mode it is cut out of the line. */
function withoutHash(record: JournalRecord, text: string, mode: VerifyOptions["mode"]): string {
  const { entry_hash: hash, ...rest } = record;
  if (mode !== "fast") return canonicalize(rest);
  // In canonical order only ids, numbers and words follow the hash, and none of them can hold this text.
  const own = `"entry_hash":"${hash}",`;
  const at = text.lastIndexOf(own);
  return at < 0 ? text : text.slice(0, at) + text.slice(at + own.length);
}
