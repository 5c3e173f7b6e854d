import { resealAudit } from "@sigilrt/audit";
import { keeperOf, keeping, personOf } from "./audit-keeper.ts";
import { read } from "./command-line.ts";
import type { Composition } from "./composition.ts";
import { EXIT } from "./exit-code.ts";
import { escaped, type Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";
import { notesIn, readText } from "./verify-verb.ts";

/** Gives up what does not verify, on record, so that the log can go on behind it. */
export async function resealVerb(
  argv: readonly string[],
  composition: Composition,
  { out, err }: Terminal,
): Promise<number> {
  const {
    config,
    json,
    by,
    reason,
    checkpoint = [],
    key = [],
  } = read(argv, {
    ...keeping,
    reason: { type: "string" },
    checkpoint: { type: "string", multiple: true },
    key: { type: "string", multiple: true },
  });
  if (reason === undefined || reason === "") {
    throw new UsageError("Cannot run audit reseal: it needs --reason, which goes on record");
  }
  const { directory, options } = await keeperOf("reseal", config, composition);
  const checkpoints = (await Promise.all(checkpoint.map((path) => notesIn(path)))).flat();
  const keys = await Promise.all(key.map(async (path) => (await readText(path)).trim()));
  const actor = personOf(by);
  const resealed = await resealAudit(directory, { ...options, actor, reason, checkpoints, keys });
  if (json === true) {
    out(JSON.stringify(resealed));
    return EXIT.ok;
  }
  for (const { kind, segment, line } of resealed.losses) {
    const place = line === undefined ? "" : `, line ${line}`;
    out(escaped(`given up by ${actor}: ${kind} in ${segment}${place}`));
  }
  out(`the log goes on with ${resealed.segment}`);
  err("The damaged files stay, and audit verify names them. Keep a copy elsewhere.");
  return EXIT.ok;
}
