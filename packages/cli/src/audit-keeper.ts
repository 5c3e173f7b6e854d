import { userInfo } from "node:os";
import type { AuditKeeper, Composition } from "./composition.ts";
import { UsageError } from "./usage-error.ts";

/** What the verbs that change the log have in common. */
export const keeping = {
  config: { type: "string" },
  json: { type: "boolean" },
  by: { type: "string" },
} as const;

/** The audit with its key. @throws {@link UsageError} where the application hands none in */
export function keeperOf(
  verb: string,
  config: string | undefined,
  composition: Composition,
): Promise<AuditKeeper> {
  if (composition.auditKeeper) {
    return composition.auditKeeper(config ?? composition.defaultConfiguration);
  }
  throw new UsageError(`Cannot run audit ${verb}: this program holds no key that signs the audit`);
}

/** Who answers for a change of the log: who is named, or who runs this. */
export const personOf = (by: string | undefined): string => by ?? userInfo().username;
