import {
  closeSync,
  fstatSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  type Stats,
} from "node:fs";
import { userInfo } from "node:os";
import { type ResolvedMask } from "./bwrap-args.ts";
import { type Identity } from "./identity.ts";
import { type Mask, type Mount } from "./mount.ts";
import { openEntry, throughDescriptor } from "./open-entry.ts";
import { checkGrantable, isBelow, isWithin } from "./paths.ts";
import { type Policy } from "./policy.ts";
import { quoted } from "./quoted.ts";
import { blockedAt } from "./reachability.ts";
import { SandboxError, type SandboxErrorCode } from "./sandbox-error.ts";

/** What a launch knows of the machine when it looks at the sources of its mounts. */
export interface SourceContext {
  readonly identity: Identity;
  /** Whether mounts below a granted folder can be trusted to stay inside; from the probe. */
  readonly nestedMounts: "safe" | "unsafe" | "unknown";
  readonly runtimeDirectory: string;
}

const read = 4;
const readAndSearch = 5;
const writeAndSearch = 7;
const hostExecuted = new Set([".git", ".hg", ".husky", ".envrc", ".ssh", ".profile", ".bashrc"]);

/** What a launch binds, open since it was looked at. */
export interface CheckedSources {
  /** The masks, with what stands under them. */
  readonly masks: readonly ResolvedMask[];
  /** A descriptor of the source of each mount, in their order. */
  readonly descriptors: readonly number[];
  /** Closes them; the launcher has its own by then. */
  close(): void;
}

/**
 * Opens every source directly before a start, without following a link, and looks at what was opened: whatever
 * stands in its place later is not what is bound.
 * @throws {SandboxError} PATH_REFUSED, GRANT_NOT_A_FILE, GRANT_HOST_EXECUTED, NESTED_MOUNT_UNSAFE
 */
export function checkSources(policy: Policy, context: SourceContext): CheckedSources {
  const reserved = [context.runtimeDirectory, ...policy.reserved.flatMap(existing)];
  const descriptors: number[] = [];
  const close = (): void => {
    for (const descriptor of descriptors.splice(0)) closeSync(descriptor);
  };
  try {
    for (const mount of policy.mounts) {
      checkNesting(mount, policy.mounts, context);
      const opened = openReal(mount.source);
      descriptors.push(opened);
      const stats = fstatSync(opened);
      checkKind(mount, stats);
      if (mount.origin === "grant") checkGrant(mount, stats, opened, reserved);
      checkReachable(mount, stats, context.identity);
    }
    const masks = policy.masks.flatMap((mask) => resolveMask(mask, context));
    return { masks, descriptors: [...descriptors], close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Opens a path that is its own real path. @throws {SandboxError} PATH_REFUSED */
function openReal(path: string): number {
  const real = realPath(path);
  if (real === undefined) refuse("PATH_REFUSED", path, "nothing is there; create it first");
  // A link that a plugin planted would show what it points at.
  if (real !== path)
    refuse("PATH_REFUSED", path, `a link leads to ${quoted(real)}; name that path`);
  const opened = openEntry(path);
  // Exchanged since: the kernel says where what was opened really is. A link is opened as itself.
  if (readlinkSync(throughDescriptor(opened)) === path && !fstatSync(opened).isSymbolicLink()) {
    return opened;
  }
  closeSync(opened);
  return refuse("PATH_REFUSED", path, "something else was put in its place while it was looked at");
}

function checkKind({ source, kind, origin }: Mount, stats: Stats): void {
  if (!stats.isFile() && !stats.isDirectory()) {
    refuse("PATH_REFUSED", source, "it is a socket, a device or a pipe, which is never bound");
  }
  if (kind === "file" && stats.isDirectory()) {
    refuse(
      origin === "grant" ? "GRANT_NOT_A_FILE" : "PATH_REFUSED",
      source,
      "it is a folder and would show more than was granted; grant it with a final /*",
    );
  }
  if (kind === "directory" && !stats.isDirectory()) {
    refuse("PATH_REFUSED", source, "it is no folder; name the file without a final /*");
  }
}

function checkGrant(
  { source, mode }: Mount,
  stats: Stats,
  opened: number,
  reserved: readonly string[],
): void {
  checkGrantable(source, mode === "rw" ? "write" : "read", reserved);
  const home = ownHome();
  if (home !== undefined && isWithin(home, source)) {
    refuse("PATH_REFUSED", source, "it is or holds a home; grant a folder below it");
  }
  if (mode !== "rw") return;
  const held = stats.isDirectory() ? readdirSync(throughDescriptor(opened)) : [];
  const found = [...source.split("/"), ...held].find((name) => hostExecuted.has(name));
  if (found === undefined) return;
  refuse("GRANT_HOST_EXECUTED", source, `programs of the host run what stands in ${quoted(found)}`);
}

function checkReachable({ source, mode }: Mount, stats: Stats, identity: Identity): void {
  const writable = mode === "rw" && stats.isDirectory();
  const needed = writable ? writeAndSearch : stats.isDirectory() ? readAndSearch : read;
  const blocked = blockedAt(source, needed, identity);
  if (blocked === undefined) return;
  refuse(
    "PATH_REFUSED",
    source,
    `uid ${identity.uid} is kept out by ${quoted(blocked, 256)}; make every parent searchable (mode 0711) and the source its own`,
  );
}

function checkNesting(mount: Mount, mounts: readonly Mount[], context: SourceContext): void {
  const around = mounts.find(
    ({ target, origin }) => origin !== "code" && isBelow(mount.target, target),
  );
  if (around === undefined) return;
  checkNestedSafe(mount.target, context);
  // The launcher would create a missing place, and on the host if the folder around it is writable.
  const place = `${around.source}${mount.target.slice(around.target.length)}`;
  if (realPath(place) === place) return;
  refuse("PATH_REFUSED", place, "a mount has its place there; create it first, without links");
}

function resolveMask(mask: Mask, context: SourceContext): readonly ResolvedMask[] {
  const { source, target, inside, tree } = mask;
  if (inside !== "code" && inside !== "system") checkNestedSafe(target, context);
  const found = lstatSync(source, { throwIfNoEntry: false });
  if (found === undefined) {
    if (inside !== "rw" && inside !== "data") return [];
    refuse(
      "PATH_REFUSED",
      source,
      "nothing is there to hide, and the plugin could create it; create it first",
    );
  }
  if (realPath(source) !== source) {
    refuse(
      "PATH_REFUSED",
      source,
      "a link leads there, and a mask would miss its target; name the real path",
    );
  }
  if (tree && !found.isDirectory()) {
    refuse("PATH_REFUSED", source, "it is no folder; name the file without a final /*");
  }
  return [{ target, kind: found.isDirectory() ? "directory" : "file" }];
}

function checkNestedSafe(target: string, { nestedMounts }: SourceContext): void {
  if (nestedMounts === "safe") return;
  throw new SandboxError(
    "NESTED_MOUNT_UNSAFE",
    `Cannot mount at ${quoted(target)} inside another grant: this bwrap follows links there and writes on the host`,
    {
      remedy:
        "Install a bubblewrap with the fix of CVE-2026-87766, or grant folders that do not overlap",
    },
  );
}

// A uid without an entry in the user database has no home; "/" is none either.
function ownHome(): string | undefined {
  try {
    const { homedir } = userInfo();
    return homedir === "/" ? undefined : homedir;
  } catch {
    return undefined;
  }
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

function existing(path: string): readonly string[] {
  return [path, realPath(path) ?? path];
}

function refuse(code: SandboxErrorCode, path: string, fault: string): never {
  throw new SandboxError(code, `Cannot bind ${quoted(path, 256)}: ${fault}`);
}
