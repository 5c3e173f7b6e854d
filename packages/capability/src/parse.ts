import { CapabilityError, type CapabilityIssue } from "./capability-error.ts";
import { grammarIssue } from "./grammar-fault.ts";
import { hashSeed } from "./hash.ts";
import { capabilityGrammar, type Grammar, patternGrammar, scan } from "./scan.ts";
import { Tokens } from "./tokens.ts";
import type { Capability, Pattern } from "./vocabulary.ts";

const tokens = new Tokens();

/**
 * Returns `input` as a pattern when it is well-formed. Nothing is repaired: no trimming, no folding, no decoding.
 *
 * @throws {@link CapabilityError} INVALID_PATTERN
 */
export function parsePattern(input: unknown): Pattern {
  if (isPattern(input)) return input;
  throw new CapabilityError("INVALID_PATTERN", "parse pattern", [patternIssue(input)]);
}

/**
 * Returns `input` as a capability when it is well-formed. A wildcard is malformed here: a capability names one thing.
 *
 * @throws {@link CapabilityError} INVALID_CAPABILITY
 */
export function parseCapability(input: unknown): Capability {
  if (isCapability(input)) return input;
  throw new CapabilityError("INVALID_CAPABILITY", "parse capability", [capabilityIssue(input)]);
}

/** Answers whether `input` is a well-formed pattern. */
export function isPattern(input: unknown): input is Pattern {
  return typeof input === "string" && scan(input, patternGrammar, hashSeed, tokens);
}

/** Answers whether `input` is a well-formed capability. */
export function isCapability(input: unknown): input is Capability {
  return typeof input === "string" && scan(input, capabilityGrammar, hashSeed, tokens);
}

/** Says what keeps `input` from being a pattern. */
export function patternIssue(input: unknown): CapabilityIssue {
  return issueOf(input, patternGrammar);
}

/** Says what keeps `input` from being a capability. */
export function capabilityIssue(input: unknown): CapabilityIssue {
  return issueOf(input, capabilityGrammar);
}

/** Copies the tokens of a pattern. */
export function tokensOf(pattern: Pattern): readonly string[] {
  scan(pattern, patternGrammar, hashSeed, tokens);
  return tokens.readAll();
}

function issueOf(input: unknown, grammar: Grammar): CapabilityIssue {
  if (typeof input !== "string") return grammarIssue(input, "not-a-string", 0);
  scan(input, grammar, hashSeed, tokens);
  return grammarIssue(input, tokens.fault, tokens.faultAt);
}
