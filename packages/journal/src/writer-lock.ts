import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, rm } from "node:fs/promises";
import { JournalError } from "./journal-error.ts";

/** The right to write to one file, held by one process. */
export interface WriterLock {
  /** Who held it before and died; absent when nobody did. */
  readonly tookOver: WriterIdentity | undefined;
  /** Gives it up. */
  release(): Promise<void>;
}

/** A process that can be told from a later one with the same number. */
interface WriterIdentity {
  /** The process id. */
  readonly pid: number;
  /** When the process started, in ticks since boot; empty where that cannot be read. */
  readonly startTime: string;
  /** The boot it belongs to; empty where that cannot be read. */
  readonly bootId: string;
}

/**
 * Takes the lock at `path`, from a dead holder too.
 *
 * @throws {@link JournalError} `JOURNAL_LOCKED` while the holder lives, `IO`
 */
export async function takeWriterLock(path: string): Promise<WriterLock> {
  const own = await identityOf(process.pid);
  let tookOver: WriterIdentity | undefined;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- each try follows from the one before
    if (await place(path, own)) return { tookOver, release: () => rm(path, { force: true }) };
    // oxlint-disable-next-line no-await-in-loop -- each try follows from the one before
    tookOver = await removeStale(path);
  }
}

/** Answers whether a living process of this machine has the journal at `path` open for writing. */
export async function hasLiveWriter(path: string): Promise<boolean> {
  const text = await readFile(`${path}.lock`, "utf8").catch(() => "");
  const holder = parseIdentity(text);
  return holder !== undefined && isAlive(holder);
}

/**
 * Keeps every writer from the journal at `path` until it is let go, without reading or changing it: also from one that does not verify.
 *
 * @throws {@link JournalError} `JOURNAL_LOCKED` while a writer has it, `IO`
 */
export async function holdJournal(path: string): Promise<AsyncDisposable> {
  const lock = await takeWriterLock(`${path}.lock`);
  return { [Symbol.asyncDispose]: () => lock.release() };
}

async function place(path: string, own: WriterIdentity): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  try {
    const handle = await open(draft, "wx", 0o600);
    await handle.writeFile(JSON.stringify(own));
    await handle.close();
    // A link appears whole or not at all, so that nobody reads half a lock.
    await link(draft, path);
    return true;
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false;
    throw new JournalError("IO", `Cannot lock "${path}": ${codeOf(cause)}`, { cause });
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeStale(path: string): Promise<WriterIdentity | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const holder = parseIdentity(text);
  if (holder && (await isAlive(holder))) {
    const message = `Cannot open for writing: process ${holder.pid} holds "${path}"; stop it first`;
    throw new JournalError("JOURNAL_LOCKED", message);
  }
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readFile(aside, "utf8").catch(() => undefined);
  // Somebody else took over between the two looks: what was moved away is theirs, and goes back.
  if (moved !== undefined && moved !== text) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
  return holder;
}

async function identityOf(pid: number): Promise<WriterIdentity> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  const bootId = await readFile("/proc/sys/kernel/random/boot_id", "latin1").catch(() => "");
  // The second field is the program's name in brackets and may hold anything; the twentieth after it is the start time.
  const startTime = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  return { pid, startTime, bootId: bootId.trim() };
}

async function isAlive(holder: WriterIdentity): Promise<boolean> {
  const now = await identityOf(holder.pid);
  if (now.bootId !== holder.bootId) return false;
  if (holder.startTime !== "") return now.startTime === holder.startTime;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

function parseIdentity(text: string): WriterIdentity | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    if (!("pid" in value) || !("startTime" in value) || !("bootId" in value)) return undefined;
    const { pid, startTime, bootId } = value;
    return Number.isSafeInteger(pid) && typeof startTime === "string" && typeof bootId === "string"
      ? { pid: Number(pid), startTime, bootId }
      : undefined;
  } catch {
    return undefined;
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "unknown failure";
