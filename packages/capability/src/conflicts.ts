import { subset } from "./match-capability.ts";
import { overlapOf } from "./overlap.ts";
import { tokensOf } from "./parse.ts";
import type { Capability, Pattern } from "./vocabulary.ts";

/** An allow and a deny that overlap. */
export interface Conflict {
  /** The pattern that allows. */
  readonly allow: Pattern;
  /** The pattern that denies a part of it. */
  readonly deny: Pattern;
  /** A shortest capability that both match. */
  readonly witness: Capability;
  /** The deny covers all of the allow: the grant is dead. */
  readonly shadowed: boolean;
}

/** Lists the pairs that overlap, in the order of the two lists. */
export function findConflicts(
  allows: readonly Pattern[],
  denies: readonly Pattern[],
): readonly Conflict[] {
  const deniedTokens = denies.map((deny) => ({ deny, tokens: tokensOf(deny) }));
  const conflicts: Conflict[] = [];
  for (const allow of allows) {
    const allowed = tokensOf(allow);
    for (const { deny, tokens } of deniedTokens) {
      const witness = overlapOf(allowed, tokens);
      if (witness === undefined) continue;
      conflicts.push(Object.freeze({ allow, deny, witness, shadowed: subset(allow, deny) }));
    }
  }
  return conflicts;
}
