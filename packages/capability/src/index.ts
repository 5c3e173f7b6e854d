/**
 * Names rights, decides which pattern covers which, and how two sets of patterns relate.
 *
 * @packageDocumentation
 */

export { advise, type PatternAdvice, type PatternAdviceRule } from "./advise.ts";
export {
  CapabilityError,
  type CapabilityErrorCode,
  type CapabilityIssue,
} from "./capability-error.ts";
export { CapabilitySet } from "./capability-set.ts";
export type { Conflict } from "./conflicts.ts";
export type { IntersectOptions } from "./intersect.ts";
export { LIMITS, type LimitName } from "./limits.ts";
export { matchCapability, subset } from "./match-capability.ts";
export { netCapability } from "./net-capability.ts";
export { overlap } from "./overlap.ts";
export { parseCapability, parsePattern } from "./parse.ts";
export { pathCapability, type PathCapabilityOptions } from "./path-capability.ts";
export type { Capability, Pattern } from "./vocabulary.ts";
