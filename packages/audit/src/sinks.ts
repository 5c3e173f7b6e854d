import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import type { CheckpointSink } from "@sigilrt/journal";
import { AuditError } from "./audit-error.ts";
import { newestNote } from "./notes-file.ts";

const MAX_OUTPUT = 65_536;
const LIMIT_MS = 10_000;

/** Appends each note to a file, meant for another disk or a write-once mount. */
export function fileSink(path: string): CheckpointSink {
  return {
    async store(note) {
      const handle = await open(path, "a", 0o600);
      try {
        await handle.writeFile(`${note}\n\n`);
        await handle.datasync();
      } finally {
        await handle.close();
      }
    },
    latest: (log) => newestNote(path, log),
  };
}

/**
 * Hands each note to a program, without a shell: `<argv> store <log>` reads it on standard input, `<argv> latest <log>` answers the
 * newest on standard output. An exit other than 0, more than 64 KiB or 10 s is a failure of the sink.
 */
export function commandSink(argv: readonly [string, ...string[]]): CheckpointSink {
  return {
    store: async (note) => void (await run(argv, ["store", logOf(note)], note)),
    latest: async (log) => {
      const answer = await run(argv, ["latest", log.replace(/^sha256:/u, "")], "");
      return answer === "" ? undefined : answer;
    },
  };
}

async function run(
  [program, ...first]: readonly [string, ...string[]],
  rest: readonly string[],
  input: string,
): Promise<string> {
  const child = spawn(program, [...first, ...rest], {
    stdio: ["pipe", "pipe", "ignore"],
    // A group of its own, so that what the program starts is ended with it.
    detached: true,
  });
  const ended = Promise.withResolvers<string>();
  const stop = (state: string): void => {
    ended.reject(failure(program, state));
    if (child.pid !== undefined) endGroup(child.pid);
    child.stdout.destroy();
  };
  const limit = setTimeout(() => stop(`no answer within ${LIMIT_MS} ms`), LIMIT_MS);
  const chunks: Buffer[] = [];
  let length = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > MAX_OUTPUT) stop("too much output");
    else chunks.push(chunk);
  });
  // A program that does not read its input is judged by how it ends.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  child.once("error", (cause) => stop(cause.message));
  child.once("close", (code, signal) => {
    if (code === 0) ended.resolve(Buffer.concat(chunks).toString("utf8"));
    else stop(`ended with ${code ?? signal}`);
  });
  try {
    return await ended.promise;
  } finally {
    clearTimeout(limit);
  }
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of the group is left.
  }
}

const failure = (program: string, state: string): AuditError =>
  new AuditError("IO", `Cannot reach checkpoint sink "${program}": ${state}`);

/** The last part of a note's origin, which is its first line. */
const logOf = (note: string): string => {
  const [origin = ""] = note.split("\n", 1);
  return origin.slice(origin.lastIndexOf("/") + 1);
};
