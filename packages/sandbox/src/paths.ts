import { quoted } from "./quoted.ts";
import { SandboxError } from "./sandbox-error.ts";

/** A path, and whether what lies below it is meant rather than the path itself. */
export interface PathGlob {
  /** Absolute and canonical. */
  readonly path: string;
  /** Whether everything below is meant, and not the path itself. */
  readonly tree: boolean;
}

const maxBytes = 4_096;
const maxSegments = 64;
const control = /\p{Cc}/u;
// What the grammar of capabilities keeps out of a path beside its escapes.
const notInPattern = /[\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u;

// Nothing of the kernel, of devices and of running services is ever bound, from above or from below.
const closed = ["/proc", "/sys", "/dev", "/run", "/boot"];
const closedInside = ["/plugin"];
const ownData = "/data/plugins/self";
const allData = "/data/plugins";
const homeFolders = ["/home", "/Users"];
const rootHomes = ["/root", "/private/var/root"];
const hostExecuted = [
  "/usr",
  "/etc",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/opt",
  "/var/lib",
  "/private/etc",
  "/System",
  "/Library",
  "/Applications",
];

/** Whether `path` is `folder` or lies below it. Both are canonical. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || isBelow(path, folder);
}

/** Whether `path` lies below `folder` and is not the folder itself. Both are canonical. */
export function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder === "/" ? "/" : `${folder}/`) && path !== folder;
}

/** Whether `path` stands for the plugin's own directory inside the sandbox, which needs no grant. */
export function isOwnData(path: string): boolean {
  return isWithin(path, ownData);
}

/** Orders by the bytes of UTF-8, so that a folder always precedes what it holds. */
export function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/**
 * Answers the path as it is when it is absolute, canonical and within the limits.
 * @throws {SandboxError} PATH_REFUSED
 */
export function checkPath(path: string, what: string): string {
  const fault = pathFault(path);
  if (fault !== undefined) refuse(path, what, fault);
  return path;
}

/**
 * Reads a path of the capability grammar with an optional final star, and decodes its two escapes.
 * @throws {SandboxError} PATH_REFUSED, GRANT_NOT_EXPRESSIBLE for a star inside, GRANT_TOO_BROAD for the root
 */
export function parseGlob(text: string, what: string): PathGlob {
  if (text === "/*") {
    throw new SandboxError(
      "GRANT_TOO_BROAD",
      `Cannot bind ${what} "/*": the root is never bound; name the folders that are needed`,
    );
  }
  const tree = text.endsWith("/*");
  const spelled = tree ? text.slice(0, -2) : text;
  if (notInPattern.test(spelled)) {
    refuse(text, what, "it holds a control, format or unassigned character or a backslash");
  }
  if (spelled.split("/").includes("*")) {
    throw new SandboxError(
      "GRANT_NOT_EXPRESSIBLE",
      `Cannot bind ${what} ${quoted(text)}: a mount has no star inside; name each folder`,
    );
  }
  if (/%(?!25|2A)/.test(spelled)) refuse(text, what, "only %25 and %2A are escapes");
  if (spelled.includes("*")) refuse(text, what, "a star stands only for all that is below");
  // Checked before decoding, so that a file named with a star is not taken for a pattern.
  const fault = pathFault(spelled);
  if (fault !== undefined) refuse(text, what, fault);
  return { path: spelled.replaceAll("%2A", "*").replaceAll("%25", "%"), tree };
}

/**
 * Refuses a grant of what belongs to the kernel, to the gateway, to a person's whole home, or, for
 * writing, to programs that the host runs. `reserved` are the gateway's own folders.
 * @throws {SandboxError} PATH_REFUSED
 */
export function checkGrantable(
  path: string,
  access: "read" | "write",
  reserved: readonly string[],
): void {
  for (const folder of [...closed, ...closedInside, ...reserved]) {
    if (isWithin(path, folder) || isBelow(folder, path)) {
      refuse(path, "the grant", `it would show ${quoted(folder)}, which is never granted`);
    }
  }
  if (isWithin(path, allData)) refuse(path, "the grant", "it holds the data of other plugins");
  if (holdsHome(path)) refuse(path, "the grant", "it is or holds a home; grant a folder below it");
  if (access === "read") return;
  for (const folder of hostExecuted) {
    if (isWithin(path, folder) || isBelow(folder, path)) {
      refuse(path, "the grant to write", `programs of the host stand in ${quoted(folder)}`);
    }
  }
}

/** What speaks against `path` as the file of a program, as a phrase; `undefined` when nothing does. */
export function programFault(path: string): string | undefined {
  const fault = pathFault(path);
  if (fault !== undefined) return fault;
  if ([...closed, "/etc"].some((folder) => isWithin(path, folder))) {
    return "no program stands in that folder";
  }
  const folders = [...hostExecuted, ...closed];
  const isFolder = folders.some((folder) => isWithin(folder, path)) || holdsHome(path);
  return isFolder ? "it is a folder of the system" : undefined;
}

function pathFault(path: string): string | undefined {
  if (path.length > maxBytes || Buffer.byteLength(path) > maxBytes) {
    return `it is longer than ${maxBytes} bytes`;
  }
  if (!path.isWellFormed()) return "it holds a lone surrogate";
  if (control.test(path)) return "it holds a control character";
  if (path !== path.normalize("NFC")) return "it is not in Unicode NFC";
  if (!path.startsWith("/")) return "it is not absolute";
  if (path === "/") return "the root is never bound";
  const segments = path.slice(1).split("/");
  if (segments.length > maxSegments) return `it has more than ${maxSegments} segments`;
  if (segments.some((segment) => segment === "" || segment === "." || segment === "..")) {
    return "it is not canonical";
  }
  return path.includes("*") ? "it holds a star" : undefined;
}

function holdsHome(path: string): boolean {
  const isHome = homeFolders.some(
    (folder) => isBelow(path, folder) && path.split("/").length === 3,
  );
  return isHome || [...homeFolders, ...rootHomes].some((home) => isWithin(home, path));
}

function refuse(path: string, what: string, fault: string): never {
  throw new SandboxError("PATH_REFUSED", `Cannot use ${what} ${quoted(path)}: ${fault}`);
}
