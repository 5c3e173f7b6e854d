import { quoted } from "./quoted.ts";
import { SandboxError } from "./sandbox-error.ts";

/** A capability pattern, split into its names and the path behind the first "./". */
export interface Pattern {
  readonly text: string;
  readonly names: readonly string[];
  readonly path: string | undefined;
}

/** What a pattern covers of one family of paths: everything, one path or tree as text, or nothing. */
export type PathsOf = { readonly all: true } | { readonly all: false; readonly text: string };

const maxUnits = 1_024;
const maxTokens = 64;
const name = /^(?:\*|[A-Za-z0-9_\-:@[\]]+)$/;

/**
 * Splits a canonical pattern string. The path is not looked at here.
 * @throws {SandboxError} HOST_REFUSED for malformed text behind `net.`, else POLICY_REFUSED
 */
export function parsePattern(text: string): Pattern {
  const border = text.indexOf("./");
  const names = (border === -1 ? text : text.slice(0, border)).split(".");
  const path = border === -1 ? undefined : text.slice(border + 1);
  const isShort = text.length <= maxUnits && names.length <= maxTokens;
  if (!isShort || !names.every((token) => name.test(token))) {
    const code = text.startsWith("net.") ? "HOST_REFUSED" : "POLICY_REFUSED";
    throw new SandboxError(code, `Cannot read the pattern ${quoted(text)}: it is malformed`);
  }
  return { text, names, path };
}

/** What `pattern` covers among the capabilities `family` + path. */
export function pathsOf(pattern: Pattern, family: readonly string[]): PathsOf | undefined {
  const { names, path } = pattern;
  if (path !== undefined) return matches(names, family) ? { all: false, text: path } : undefined;
  // Without a path only a final star reaches paths: it runs on through the root.
  if (names.at(-1) !== "*") return undefined;
  const before = names.slice(0, -1);
  const reaches = [...family.keys(), family.length].some((length) =>
    matches(before, family.slice(0, length)),
  );
  return reaches ? { all: true } : undefined;
}

/** A star stands for one or more names. */
function matches(pattern: readonly string[], names: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return names.length === 0;
  if (first !== "*") return first === names[0] && matches(rest, names.slice(1));
  return names.some((_, index) => matches(rest, names.slice(index + 1)));
}
