import { checkEntry } from "./entry-rules.ts";
import { checkContainer, checkLimits, checkSections } from "./section-rules.ts";
import type { Finding } from "./issue.ts";
import { checkRights } from "./requested.ts";
import type { Plain } from "./snapshot.ts";

/** Every rule that joins fields. Each looks at what is there and leaves to the shape what is missing or of another type. */
export function checkRules(value: Plain): readonly Finding[] {
  return [checkEntry, checkRights, checkContainer, checkLimits, checkSections].flatMap((check) =>
    check(value),
  );
}
