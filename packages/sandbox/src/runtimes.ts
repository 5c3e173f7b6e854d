import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
} from "node:fs";
import { randomUUID } from "node:crypto";
import { type Identity } from "./identity.ts";
import { quoted } from "./quoted.ts";
import { blockedAt } from "./reachability.ts";
import { SandboxError } from "./sandbox-error.ts";

/** An interpreter as the launcher binds it. */
export interface PlacedRuntime {
  readonly source: string;
  readonly target: string;
}

const runtimeName = /^[a-z][a-z0-9]{0,31}(?:[.-][a-z0-9]+)*$/;
const taken = new Set(["prlimit", "egress", "relay", "relay.mjs"]);
const readAndRun = 5;

/** Answers a copy of the table of runtimes. @throws {TypeError} for a malformed name or path */
export function checkRuntimes(
  runtimes: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  for (const [name, path] of Object.entries(runtimes)) {
    if (!runtimeName.test(name) || taken.has(name)) {
      throw new TypeError(
        `Cannot offer the runtime ${quoted(name)}: the name is malformed or taken`,
      );
    }
    if (!path.startsWith("/")) {
      throw new TypeError(`Cannot offer the runtime ${quoted(name)}: its path is not absolute`);
    }
  }
  return new Map(Object.entries(runtimes));
}

/**
 * Answers where an interpreter can be bound from. One that stands where the identity cannot reach it, as Node
 * in a clone below a closed home does, is linked or copied into the runtime directory first.
 * @throws {SandboxError} TOOL_MISSING, PATH_REFUSED
 */
export function placeRuntime(
  name: string,
  path: string,
  identity: Identity,
  runtimeDirectory: string,
): PlacedRuntime {
  const target = `/run/sigil/${name}`;
  const real = realFile(name, path);
  if (blockedAt(real, readAndRun, identity) === undefined) return { source: real, target };

  const folder = `${runtimeDirectory}/runtimes`;
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  chmodSync(folder, 0o711);
  const { dev, ino, size, mtimeMs, mode }: Stats = lstatSync(real);
  const source = `${folder}/${name}-${dev}-${ino}-${size}-${Math.trunc(mtimeMs)}`;
  if (!existsSync(source)) place(real, source, (mode & readAndRun) === readAndRun);
  const blocked = blockedAt(source, readAndRun, identity);
  if (blocked === undefined) return { source, target };
  throw new SandboxError(
    "PATH_REFUSED",
    `Cannot run the runtime ${quoted(name)}: uid ${identity.uid} is kept out by ${quoted(blocked, 256)}`,
    { remedy: "Make every parent of the runtime directory searchable (mode 0711)" },
  );
}

function realFile(name: string, path: string): string {
  try {
    const real = realpathSync.native(path);
    if (lstatSync(real).isFile()) return real;
  } catch {
    // Told below, together with what is no file.
  }
  throw new SandboxError(
    "TOOL_MISSING",
    `Cannot run the runtime ${quoted(name)}: no file at ${quoted(path, 256)}`,
    { remedy: "Name the interpreter in the option runtimes" },
  );
}

// Under a name of its own first, so that another gateway never sees half a copy.
function place(real: string, source: string, isRunnable: boolean): void {
  const draft = `${source}.${randomUUID()}`;
  try {
    if (!(isRunnable && isLinked(real, draft))) {
      copyFileSync(real, draft, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      chmodSync(draft, 0o755);
    }
    renameSync(draft, source);
  } finally {
    rmSync(draft, { force: true });
  }
}

// Fails across file systems, and where the kernel protects files of others.
function isLinked(real: string, draft: string): boolean {
  try {
    linkSync(real, draft);
    return true;
  } catch {
    return false;
  }
}
