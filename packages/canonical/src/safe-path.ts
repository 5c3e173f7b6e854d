import { CanonicalError } from "./canonical-error.ts";
import { exceedsUtf8 } from "./utf8.ts";

declare const brand: unique symbol;

/** A relative path that every system reads the same way and that stays below the folder it is joined to. */
export type SafePath = string & {
  /** Only {@link parseSafePath} makes one. */
  readonly [brand]: "SafePath";
};

/** The rule that a path breaks. */
export type UnsafePathReason =
  | "empty"
  | "not-well-formed"
  | "too-long"
  | "control-character"
  | "backslash"
  | "absolute"
  | "colon"
  | "windows-character"
  | "invisible-character"
  | "not-nfc"
  | "too-deep"
  | "empty-segment"
  | "dot-segment"
  | "traversal"
  | "segment-too-long"
  | "trailing-dot-or-space"
  | "leading-space"
  | "windows-reserved"
  | "short-name-alias"
  | "proto-segment";

const MAX_BYTES = 1_024;
const MAX_SEGMENTS = 32;
const MAX_SEGMENT_BYTES = 255;

const control = /\p{Cc}/u;
const windows = /[<>"|?*]/u;
const invisible =
  /[\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/u;
// Windows opens the device for each of these, whatever extension or spaces follow.
const device = /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)/iu;
// "PROGRA~1" is another name of a longer one on Windows volumes.
const shortName = /~[0-9]/u;

/**
 * Turns a path into a {@link SafePath}. It never repairs, normalises or decodes.
 *
 * @throws {@link CanonicalError} `UNSAFE_PATH` with the first rule that fails as its reason
 */
export function parseSafePath(path: string): SafePath {
  const reason = checkSafePath(path);
  if (reason !== undefined) {
    throw new CanonicalError("UNSAFE_PATH", reason, `Cannot use path ${quote(path)}: ${reason}`);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one maker of the brand
  return path as SafePath;
}

/** Answers the first rule that a path breaks, or `undefined` when it is safe. */
export function checkSafePath(path: string): UnsafePathReason | undefined {
  if (path === "") return "empty";
  if (!path.isWellFormed()) return "not-well-formed";
  if (exceedsUtf8(path, MAX_BYTES)) return "too-long";
  if (control.test(path)) return "control-character";
  if (path.includes("\\")) return "backslash";
  if (path.startsWith("/")) return "absolute";
  if (path.includes(":")) return "colon";
  if (windows.test(path)) return "windows-character";
  if (invisible.test(path)) return "invisible-character";
  if (path.normalize("NFC") !== path) return "not-nfc";

  const segments = path.split("/");
  if (segments.length > MAX_SEGMENTS) return "too-deep";
  for (const segment of segments) {
    const reason = checkSegment(segment);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function checkSegment(segment: string): UnsafePathReason | undefined {
  if (segment === "") return "empty-segment";
  if (segment === ".") return "dot-segment";
  if (segment === "..") return "traversal";
  if (exceedsUtf8(segment, MAX_SEGMENT_BYTES)) return "segment-too-long";
  if (segment.endsWith(".") || segment.endsWith(" ")) return "trailing-dot-or-space";
  if (segment.startsWith(" ")) return "leading-space";
  if (device.test(segment)) return "windows-reserved";
  if (shortName.test(segment)) return "short-name-alias";
  return segment === "__proto__" ? "proto-segment" : undefined;
}

const quote = (path: string): string =>
  JSON.stringify(path.slice(0, 64)) + (path.length > 64 ? "…" : "");
