import { advise, CapabilityError, type Pattern, parsePattern } from "@sigilrt/capability";
import { type ManifestRule, quote } from "./manifest-error.ts";

const MAX_SEGMENTS = 32;

/** A pattern that may stand in a manifest: well-formed, not too long, and meant. */
export function checkPattern(
  role: "asked" | "denied",
): (text: string) => readonly [ManifestRule, string] | undefined {
  return (text) => {
    if (segmentsOf(text) > MAX_SEGMENTS) {
      return [
        "capability.segments",
        `Cannot use pattern ${quote(text)}: over ${MAX_SEGMENTS} segments`,
      ];
    }
    let pattern: Pattern;
    try {
      pattern = parsePattern(text);
    } catch (error) {
      if (!(error instanceof CapabilityError)) throw error;
      const hint = error.issues[0]?.hint ?? "malformed";
      return ["capability.malformed", `Cannot use pattern ${quote(text)}: ${error.code}, ${hint}`];
    }
    if (role === "asked" && text === "*") {
      return ["capability.star", "Cannot ask for everything: name what the plugin needs"];
    }
    const [advice] = advise(pattern);
    if (advice === undefined) return undefined;
    const rule = advice.rule.startsWith("host-star") ? "capability.star" : "capability.malformed";
    return [rule, `Cannot use pattern ${quote(text)}: ${advice.rule}, ${advice.hint}`];
  };
}

/** The first character that is at fault, when a pattern is malformed. */
export function faultIndex(text: string): number | undefined {
  try {
    parsePattern(text);
    return undefined;
  } catch (error) {
    return error instanceof CapabilityError ? error.issues[0]?.index : undefined;
  }
}

/** Names, the root and path segments, as the grammar of capabilities counts them. */
function segmentsOf(text: string): number {
  const root = text.indexOf("./");
  if (root < 0) return text.split(".").length;
  const path = text.slice(root + 2);
  return text.slice(0, root).split(".").length + 1 + (path === "" ? 0 : path.split("/").length);
}
