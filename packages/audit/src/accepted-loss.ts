import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { dirname } from "node:path";
import { listSegments, type Segment } from "./segment.ts";
import { readStart } from "./segment-start.ts";

/** SHA-256 of a file as it lies there. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return `sha256:${hash.digest("hex")}`;
}

/**
 * Whether a later segment says that a person gave this one up. Then what reads the log goes on after the part of it that still
 * verifies; the record that says so lies in its way. Whether anybody signed for it is the question of `verifyAudit`.
 */
export async function isAcceptedLoss(segment: Segment): Promise<boolean> {
  for (const later of await listSegments(dirname(segment.path))) {
    if (later.number <= segment.number) continue;
    // oxlint-disable-next-line no-await-in-loop -- until one names it
    const start = await readStart(later);
    if (start?.reseal?.losses.some(({ segment: lost }) => lost === segment.log)) return true;
  }
  return false;
}
