import { CapabilitySet, LIMITS } from "@sigilrt/capability";
import { TwoMaps } from "./two-maps.ts";

const CACHED_SETS = 1024;
// A list longer than this is compiled each time: its caller should hold a CapabilitySet.
const MAX_KEY_UNITS = 65_536;

/**
 * Makes sets of what requests bring. Lists are kept by their content and never by their identity: somebody may change
 * a list after it was asked about.
 */
export class SetCompiler {
  readonly #known = new TwoMaps<CapabilitySet>(CACHED_SETS / 2);

  /** A list that does not compile, and anything that is neither a list nor a set, is the empty set. */
  compile(source: unknown): CapabilitySet {
    if (source instanceof CapabilitySet) return source;
    const patterns = Array.isArray(source) ? copy(source) : undefined;
    if (!patterns) return CapabilitySet.empty;

    const key = keyOf(patterns);
    if (key.length > MAX_KEY_UNITS) return compileList(patterns);
    const known = this.#known.get(key);
    if (known) return known;
    const set = compileList(patterns);
    this.#known.set(key, set);
    return set;
  }
}

/** Reads every member once. */
function copy(source: readonly unknown[]): readonly string[] | undefined {
  const { length } = source;
  if (length > LIMITS.setPatterns) return undefined;
  const patterns: string[] = [];
  for (let at = 0; at < length; at += 1) {
    const member = source[at];
    if (typeof member !== "string") return undefined;
    patterns.push(member);
  }
  return patterns;
}

/** Prefixed by lengths: joined text would give ["a,b"] and ["a", "b"] one key. */
function keyOf(patterns: readonly string[]): string {
  return patterns.map((pattern) => `${pattern.length}:${pattern}`).join("");
}

function compileList(patterns: readonly string[]): CapabilitySet {
  try {
    return CapabilitySet.from(patterns);
  } catch {
    return CapabilitySet.empty;
  }
}
