import { CapabilitySet, type Pattern } from "@sigilrt/capability";
import type { CheckRequest } from "./request.ts";

/** For whom and where a plugin's rights are asked. */
export type EffectiveSubject = Pick<
  CheckRequest,
  "plugin" | "workspaceAllow" | "userPermissions" | "mission"
>;

/** What a plugin may: what `allow` covers, or what every list of `allOf` covers, but nothing that `except` covers. */
export type EffectivePermissions =
  | {
      /** The intersection of all legs. */
      readonly allow: readonly Pattern[];
      /** The denials that take something away from it. */
      readonly except: readonly Pattern[];
    }
  | {
      /** The legs, when their intersection needs too many patterns to be written down. */
      readonly allOf: readonly (readonly Pattern[])[];
      /** The denials that take something away from it. */
      readonly except: readonly Pattern[];
    };

/** Writes down what the legs leave. Grants that a denial covers whole are left out. */
export function effectivePermissions(
  legs: readonly [CapabilitySet, ...CapabilitySet[]],
  deny: CapabilitySet,
): EffectivePermissions {
  const [first, ...others] = legs;
  const common = others.reduce<CapabilitySet | undefined>(
    (left, right) => left?.intersect(right),
    first,
  );
  if (common) {
    const { alive, except } = without(common, deny);
    return Object.freeze({ allow: alive, except });
  }
  const parts = legs.map((leg) => without(leg, deny));
  const excepted = new Set(parts.flatMap(({ except }) => except));
  return Object.freeze({
    allOf: Object.freeze(parts.map(({ alive }) => alive)),
    except: Object.freeze(deny.patterns.filter((pattern) => excepted.has(pattern))),
  });
}

function without(
  allow: CapabilitySet,
  deny: CapabilitySet,
): { readonly alive: readonly Pattern[]; readonly except: readonly Pattern[] } {
  const alive = CapabilitySet.from(deny.excess(allow));
  const except = new Set(alive.conflicts(deny).map((conflict) => conflict.deny));
  return {
    alive: alive.patterns,
    except: Object.freeze(deny.patterns.filter((pattern) => except.has(pattern))),
  };
}
