import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { SafePath } from "@sigilrt/canonical";
import { IntegrityError } from "./integrity-error.ts";
import type { TreeRejection } from "./rejection.ts";
import type { TreeIndex } from "./tree-index.ts";

/** Hears every file of a tree and every byte of it, once, in the order in which they are read. */
export interface TreeSink {
  /** A file begins. */
  begin(path: SafePath): void;
  /** Its next bytes, and whether they are all of them; the buffer is reused after the call. */
  chunk(bytes: Uint8Array, isWhole: boolean): void;
  /** The file was read to its end and did not change meanwhile. */
  end(path: SafePath): void;
}

interface ReadOptions extends TreeSink {
  readonly index: TreeIndex;
  readonly signal: AbortSignal | undefined;
}

const SLICE = 1_048_576;
const YIELD_EVERY = 64;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads a tree without following anything; answers the first reason to refuse it. */
export async function readTree(
  root: string,
  options: ReadOptions,
): Promise<TreeRejection | undefined> {
  const buffer = Buffer.allocUnsafe(SLICE);
  let files = 0;
  for (const step of walk(root, options.index)) {
    if ("rejection" in step) return Object.freeze(step.rejection);
    options.signal?.throwIfAborted();
    const rejection = readFile(root, step, buffer, options);
    if (rejection) return Object.freeze(rejection);
    files += 1;
    // Reads are synchronous, which is faster; other work still gets its turn.
    // oxlint-disable-next-line no-await-in-loop -- see above
    if (files % YIELD_EVERY === 0) await setImmediate();
  }
  return undefined;
}

interface FoundFile {
  readonly path: SafePath;
  readonly stats: BigIntStats;
}
type Step = FoundFile | { readonly rejection: TreeRejection };

/** Files of the tree in the order of the bytes of their names; ends after the first refusal. */
function* walk(root: string, index: TreeIndex): Generator<Step, boolean> {
  const top = attempt("look at", root, () => lstatSync(root, { bigint: true }));
  if (top.isSymbolicLink()) {
    yield { rejection: { kind: "symlink_escape", path: ".", target: readlinkSync(root) } };
    return false;
  }
  if (!top.isDirectory()) {
    throw new IntegrityError("IO", `Cannot digest tree "${root}": not a folder`);
  }
  const mode = unsafeMode(".", top);
  if (mode) {
    yield { rejection: mode };
    return false;
  }
  return yield* walkFolder(root, "", top.dev, index);
}

function* walkFolder(
  root: string,
  folder: string,
  device: bigint,
  index: TreeIndex,
): Generator<Step, boolean> {
  const names = attempt("list", folder, () =>
    readdirSync(join(root, folder), { encoding: "buffer" }),
  );
  for (const bytes of names.toSorted((left, right) => Buffer.compare(left, right))) {
    const name = decode(bytes);
    if (name === undefined) {
      const pathHex = Buffer.concat([Buffer.from(folder && `${folder}/`), bytes]).toString("hex");
      yield { rejection: { kind: "path_unsafe", pathHex, reason: "not-utf8" } };
      return false;
    }
    const path = folder === "" ? name : `${folder}/${name}`;
    const stats = attempt("look at", path, () => lstatSync(join(root, path), { bigint: true }));
    const refusal = checkEntry(root, path, stats, device);
    if (refusal) {
      yield { rejection: refusal };
      return false;
    }
    const placed = stats.isDirectory()
      ? index.addFolder(path)
      : index.addFile(path, Number(stats.size));
    if (!placed.ok) {
      yield { rejection: placed.rejection };
      return false;
    }
    if (!stats.isDirectory()) yield { path: placed.path, stats };
    else if (!(yield* walkFolder(root, path, device, index))) return false;
  }
  return true;
}

function checkEntry(
  root: string,
  path: string,
  stats: BigIntStats,
  device: bigint,
): TreeRejection | undefined {
  if (stats.isSymbolicLink()) {
    const target = attempt("read link", path, () => readlinkSync(join(root, path)));
    return { kind: "symlink_escape", path, target };
  }
  if (stats.dev !== device) return { kind: "mount_point", path };
  if (!stats.isDirectory()) {
    if (!stats.isFile()) return { kind: "special_file", path, type: typeOf(stats) };
    // A second name, perhaps outside the tree, can change the bytes after they were verified.
    if (stats.nlink > 1n) return { kind: "hard_link", path, nlink: Number(stats.nlink) };
  }
  return unsafeMode(path, stats);
}

function unsafeMode(path: string, stats: BigIntStats): TreeRejection | undefined {
  const worldWritable = (stats.mode & 0o002n) !== 0n;
  const setId = stats.isFile() && (stats.mode & 0o6000n) !== 0n;
  if (!worldWritable && !setId) return undefined;
  return { kind: "unsafe_mode", path, mode: (stats.mode & 0o7777n).toString(8).padStart(4, "0") };
}

function readFile(
  root: string,
  { path, stats }: FoundFile,
  buffer: Buffer,
  sink: TreeSink,
): TreeRejection | undefined {
  // A link or pipe that took the file's place since lstat is neither followed nor waited for.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = attempt("open", path, () => openUnlessReplaced(join(root, path), flags));
  if (handle === undefined) return { kind: "changed_during_read", path };
  try {
    const before = fstatSync(handle, { bigint: true });
    if (!before.isFile() || !sameFile(before, stats)) return { kind: "changed_during_read", path };
    sink.begin(path);
    const size = Number(stats.size);
    let length = 0;
    // A file that says it is empty is asked too; one that grows is known by its state afterwards, and not by reading on for ever.
    do {
      const read = attempt("read", path, () => readSync(handle, buffer, 0, SLICE, null));
      length += read;
      if (length > size) return { kind: "changed_during_read", path };
      if (read === 0) break;
      sink.chunk(buffer.subarray(0, read), read === size);
    } while (length < size);
    const after = fstatSync(handle, { bigint: true });
    if (length !== size || !sameFile(after, stats) || after.mtimeNs !== before.mtimeNs) {
      return { kind: "changed_during_read", path };
    }
    sink.end(path);
    return undefined;
  } finally {
    closeSync(handle);
  }
}

function openUnlessReplaced(path: string, flags: number): number | undefined {
  try {
    return openSync(path, flags);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ELOOP" || code === "ENOENT" || code === "ENXIO") return undefined;
    throw error;
  }
}

const sameFile = (left: BigIntStats, right: BigIntStats): boolean =>
  left.dev === right.dev && left.ino === right.ino && left.size === right.size;

function typeOf(stats: BigIntStats): "pipe" | "socket" | "device" | "unknown" {
  if (stats.isFIFO()) return "pipe";
  if (stats.isSocket()) return "socket";
  return stats.isBlockDevice() || stats.isCharacterDevice() ? "device" : "unknown";
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function attempt<T>(verb: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown failure";
    throw new IntegrityError("IO", `Cannot ${verb} "${path}" of the tree: ${code}`, { cause });
  }
}
