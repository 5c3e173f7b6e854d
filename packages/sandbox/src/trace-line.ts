import { posix } from "node:path";

/** What a program wanted with a path: to look at it, read it, change or create it, run it, or talk to a socket there. */
export type Intent = "look" | "read" | "write" | "run" | "connect";

/** A system call that failed, as a line of strace tells it. */
export type TracedFailure =
  | { readonly kind: "path"; readonly path: string; readonly intent: Intent }
  | { readonly kind: "address"; readonly address: string; readonly port: number };

const maxLineLength = 65_536;
const call = /^(?:\[pid +\d+\] )?([a-z_0-9]+)\((.*)\) = -1 ([A-Z]+) /u;
// With -xx every byte of a path is written as \xNN, so that nothing a program chose can end a string early.
const operand =
  /(?:(?:AT_FDCWD|\d+)<((?:\\x[0-9a-f]{2})*)>(?:\(deleted\))?, )?"((?:\\x[0-9a-f]{2})*)"/gu;
const internet =
  /sin6?_port=htons\((\d{1,5})\).*?(?:inet_addr\("|inet_pton\(AF_INET6, ")((?:\\x[0-9a-f]{2})+)"/u;
// What the sandbox answers for what it hides, closes or does not route.
const answers = new Set(["ENOENT", "EACCES", "EPERM", "EROFS", "ENOTDIR", "ENETUNREACH"]);
const writing = /\bO_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND)\b/u;
const opens = new Set(["open", "openat", "creat"]);
const runs = new Set(["execve", "execveat"]);
const changes =
  /^(?:mkdir|mknod|unlink|rmdir|rename|link|symlink|truncate|chmod|fchmodat|chown|lchown|fchownat|utime|futimesat|creat|l?setxattr|l?removexattr)/u;

/**
 * Reads one line of `strace -f -xx -y -Z -e trace=%file,connect`. Everything that is not such a line, is about a path that cannot be
 * made absolute, or failed for another reason than a refusal answers `undefined`.
 */
export function readTraceLine(line: string): TracedFailure | undefined {
  if (line.length > maxLineLength) return undefined;
  const [, name = "", given = "", answer = ""] = call.exec(line) ?? [];
  if (!answers.has(answer)) return undefined;
  if (name === "connect") return readConnect(given);
  const operands = [...given.matchAll(operand)];
  // Of a link, the first path is only text; a program's arguments stand behind its path.
  const chosen = /^(?:symlink|link|rename)/u.test(name) ? operands.at(-1) : operands[0];
  const path = chosen && absolute(chosen[1], chosen[2] ?? "");
  return path === undefined ? undefined : { kind: "path", path, intent: intentOf(name, given) };
}

function readConnect(given: string): TracedFailure | undefined {
  const [, port, address] = internet.exec(given) ?? [];
  if (port !== undefined && address !== undefined) {
    return { kind: "address", address: decode(address) ?? "", port: Number(port) };
  }
  const named = /sun_path="((?:\\x[0-9a-f]{2})+)"/u.exec(given)?.[1];
  const path = named === undefined ? undefined : absolute(undefined, named);
  return path === undefined ? undefined : { kind: "path", path, intent: "connect" };
}

function intentOf(name: string, given: string): Intent {
  if (opens.has(name)) return name === "creat" || writing.test(given) ? "write" : "read";
  if (runs.has(name)) return "run";
  return changes.test(name) ? "write" : "look";
}

function absolute(folder: string | undefined, text: string): string | undefined {
  const path = decode(text);
  const base = folder === undefined ? "" : decode(folder);
  if (path === undefined || path === "" || base === undefined) return undefined;
  const joined = path.startsWith("/") ? path : posix.join(base, path);
  if (!joined.startsWith("/")) return undefined;
  const normal = posix.normalize(joined);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

/** The text of `\xNN` escapes; `undefined` when the bytes are no UTF-8, which no grant can name. */
function decode(escaped: string): string | undefined {
  const bytes = Buffer.from(escaped.replaceAll(String.raw`\x`, ""), "hex");
  const text = bytes.toString("utf8");
  return Buffer.from(text).equals(bytes) ? text : undefined;
}
