/** The name of one limit of {@link LIMITS}. */
export type LimitName =
  | "capabilityUnits"
  | "capabilityTokens"
  | "patternUnits"
  | "patternTokens"
  | "patternStars"
  | "setPatterns"
  | "setInnerStars";

/**
 * The limits of the grammar, frozen. Lengths are UTF-16 units; tokens are names, the root and path
 * segments; `setInnerStars` counts the patterns of a set that hold a star which is not their last token.
 */
export const LIMITS: Readonly<Record<LimitName, number>> = Object.freeze({
  capabilityUnits: 4096,
  capabilityTokens: 256,
  patternUnits: 1024,
  patternTokens: 64,
  patternStars: 8,
  setPatterns: 10_000,
  setInnerStars: 256,
});
