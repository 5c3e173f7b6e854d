import { openAuditStore } from "@sigilrt/audit";
import { keeperOf, keeping, personOf } from "./audit-keeper.ts";
import { instantOf, read } from "./command-line.ts";
import type { Composition } from "./composition.ts";
import { EXIT } from "./exit-code.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** Removes whole old segments that a checkpoint elsewhere covers. The gateway must not be running. */
export async function pruneVerb(
  argv: readonly string[],
  composition: Composition,
  { out }: Terminal,
): Promise<number> {
  const { config, json, by, before } = read(argv, { ...keeping, before: { type: "string" } });
  if (before === undefined) {
    throw new UsageError("Cannot run audit prune: it needs --before, a time");
  }
  const instant = instantOf(before);
  const { directory, options } = await keeperOf("prune", config, composition);
  const store = await openAuditStore(directory, options);
  try {
    const { segments } = await store.prune({ before: instant, actor: personOf(by) });
    const [first, last] = [segments[0], segments.at(-1)];
    if (json === true) out(JSON.stringify({ segments }));
    else if (first === undefined)
      out(`nothing to remove: no closed segment ends before ${instant}`);
    else out(first === last ? `removed ${first}` : `removed ${first} to ${last}`);
    return EXIT.ok;
  } finally {
    await store.close();
  }
}
