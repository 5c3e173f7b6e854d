import { CapabilityError } from "./capability-error.ts";
import { capabilityIssue, isCapability } from "./parse.ts";
import type { Capability } from "./vocabulary.ts";

/** How {@link pathCapability} treats a path. */
export interface PathCapabilityOptions {
  /**
   * `"refuse"` (default) throws on a path that is not NFC. `"compose"` normalises it: two files whose
   * names differ only in normal form then share one capability.
   */
  readonly normalForm?: "refuse" | "compose";
}

/**
 * Builds the canonical capability of an absolute path: `prefix` and the path with `.`, `..` and repeated
 * slashes resolved, `%` written `%25` and `*` written `%2A`. It reads no file system: resolve links first.
 *
 * @throws {@link CapabilityError} INVALID_PATH: relative, above the root, NUL or another character that no
 *   path of a capability holds, backslash, not NFC, too long. INVALID_CAPABILITY: `prefix` is not one or more names
 */
export function pathCapability(
  prefix: string,
  path: string,
  options: PathCapabilityOptions = {},
): Capability {
  requireNames(prefix);
  if (typeof path !== "string") throw refusal(`(${typeof path})`, 0, "it is no text; pass a path");
  if (!path.startsWith("/")) throw refusal(path, 0, 'it is relative; begin with "/"');

  const segments = resolveDots(normalise(path, options.normalForm ?? "refuse"));
  const escaped = segments.map((segment) => segment.replaceAll("%", "%25").replaceAll("*", "%2A"));
  const capability = `${prefix}./${escaped.join("/")}`;
  if (isCapability(capability)) return capability;
  const { index, hint } = capabilityIssue(capability);
  const isUnchanged = capability.endsWith(`.${path}`);
  throw refusal(path, isUnchanged ? index - prefix.length - 1 : 0, hint);
}

function requireNames(prefix: string): void {
  if (isCapability(prefix) && !prefix.includes("/")) return;
  const path = {
    input: prefix,
    index: 0,
    hint: "the prefix of a path is names alone; leave the path out",
  };
  const issue = isCapability(prefix) ? path : capabilityIssue(prefix);
  throw new CapabilityError("INVALID_CAPABILITY", "build a path capability", [issue]);
}

function normalise(path: string, normalForm: "refuse" | "compose"): string {
  switch (normalForm) {
    case "refuse":
      return path;
    case "compose":
      return path.normalize("NFC");
    default:
      normalForm satisfies never;
      throw new RangeError('Cannot build a path capability: normalForm is "refuse" or "compose"');
  }
}

function resolveDots(path: string): readonly string[] {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    // Clamping at the root would hide that somebody tried to leave it.
    else if (segments.pop() === undefined) {
      throw refusal(path, path.indexOf(".."), "it leads above the root; pass the resolved path");
    }
  }
  return segments;
}

function refusal(input: string, index: number, hint: string): CapabilityError {
  return new CapabilityError("INVALID_PATH", "build a path capability", [{ input, index, hint }]);
}
