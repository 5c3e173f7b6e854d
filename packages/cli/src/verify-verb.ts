import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { AuditError, type AuditVerdict, verifyAudit } from "@sigilrt/audit";
import type { AuditPlace } from "./composition.ts";
import { EXIT } from "./exit-code.ts";
import { escaped, type Terminal } from "./terminal.ts";

/** What `audit verify` is told. */
export interface VerifyVerbOptions {
  /** Files of checkpoints, besides those of the place. */
  readonly checkpoints: readonly string[];
  /** Files of public keys, besides those of the place. */
  readonly keys: readonly string[];
  /** Hashes the lines as they are, in place of writing every record again. */
  readonly fast: boolean;
  /** Whether the index that queries are answered from is held against the log too. */
  readonly index: boolean;
  /** Writes the verdict as one line of JSON. */
  readonly json: boolean;
}

/** What a log came to, and the same for people. */
export interface VerifiedLog {
  /** The verdict. */
  readonly verdict: AuditVerdict;
  /** What it proves and what it does not; where it fails, the place and the lines around it. Safe to show. */
  readonly lines: readonly string[];
}

/**
 * Verifies a log against its own checkpoints, those kept elsewhere, and where asked its index.
 *
 * @throws AuditError `IO` when something cannot be read; that is no verdict
 */
export async function verifyLog(
  place: AuditPlace,
  { checkpoints, keys, fast, index }: Omit<VerifyVerbOptions, "json">,
): Promise<VerifiedLog> {
  const vkeys = await Promise.all([...place.keys, ...keys].map((path) => readText(path)));
  // Without a key a note is a claim of nobody.
  const beside = vkeys.length === 0 ? [] : await notesBeside(place.directory);
  const elsewhere = (
    await Promise.all([...place.anchors, ...checkpoints].map((path) => notesIn(path)))
  ).flat();
  const verdict = await verifyAudit(place.directory, {
    keys: vkeys.map((text) => text.trim()),
    mode: fast ? "fast" : "strict",
    checkpoints: elsewhere,
    beside,
    ...(index ? { index: true } : {}),
  });
  return { verdict, lines: await explained(verdict, place.directory) };
}

/** Verifies the log and says what that proves, and what it does not. */
export async function verifyVerb(
  place: AuditPlace,
  { json, ...options }: VerifyVerbOptions,
  { out }: Terminal,
): Promise<number> {
  const { verdict, lines } = await verifyLog(place, options);
  if (json) out(JSON.stringify(verdict));
  else for (const line of lines) out(line);
  return verdict.ok ? EXIT.ok : EXIT.notVerified;
}

async function explained(verdict: AuditVerdict, directory: string): Promise<readonly string[]> {
  if (!verdict.ok) {
    return [
      `DOES NOT VERIFY: ${placed(verdict.kind, verdict.segment, verdict.line)}`,
      ...(await linesAround(directory, verdict)),
    ];
  }
  const { records, anchored, unanchored, head, losses = [], pruned } = verdict;
  return [
    ...losses.map(
      (loss) =>
        `ACCEPTED LOSS: ${escaped(placed(loss.kind, loss.segment, loss.line))}; given up by ${escaped(loss.actor)} at ${loss.at}: ${escaped(loss.reason)}`,
    ),
    ...(pruned
      ? [
          `begins with ${escaped(pruned.first)}: what came before was removed by ${escaped(pruned.actor)} at ${pruned.at}`,
        ]
      : []),
    `verifies: ${records} records, each bound to the one before${head === undefined ? "" : `; head ${head}`}`,
    anchored > 0
      ? `anchored: a checkpoint kept elsewhere vouches for the first ${anchored}; the last ${unanchored} have the chain alone`
      : "not anchored: no checkpoint from outside the folder was given, so a cut tail or a history written anew would not show",
  ];
}

function placed(kind: string, segment: string | undefined, line: number | undefined): string {
  const place = [segment, line === undefined ? undefined : `line ${line}`];
  return `${kind} in ${place.filter((part) => part !== undefined).join(", ") || "the checkpoints"}`;
}

async function linesAround(
  directory: string,
  { segment, line }: AuditVerdict & { readonly ok: false },
): Promise<readonly string[]> {
  if (segment === undefined || line === undefined) return [];
  const text = await readText(join(directory, `${segment}.jsonl`));
  return text
    .split("\n")
    .map((content, index) => ({ content, number: index + 1 }))
    .filter(({ content, number }) => Math.abs(number - line) <= 1 && content !== "")
    .map(
      ({ content, number }) =>
        `${number === line ? ">" : " "} ${number}: ${escaped(content.slice(0, 400))}`,
    );
}

async function notesBeside(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((cause: unknown) => {
    throw unreadable(directory, cause);
  });
  const files = names.filter((name) => name.endsWith(".jsonl.checkpoints"));
  const notes = await Promise.all(files.map((name) => notesIn(join(directory, name))));
  return notes.flat();
}

/** A file of notes holds one after another, with two empty lines between them. */
export async function notesIn(path: string): Promise<readonly string[]> {
  const text = await readText(path);
  const complete = text.slice(0, text.lastIndexOf("\n\n\n") + 1);
  return complete === ""
    ? []
    : complete.split("\n\n\n").map((note) => (note.endsWith("\n") ? note : `${note}\n`));
}

export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): AuditError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown failure";
  return new AuditError("IO", `Cannot read "${path}": ${code}`, { cause });
}
