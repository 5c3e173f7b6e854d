import type { JournalRecord, JsonObject } from "@sigilrt/journal";
import { parseLink, type SegmentLink } from "./segment-start.ts";

/** The type of the journal record that announces a removal. */
export const PRUNED_TYPE = "audit.pruned";

/** The record that announces that every segment before one is removed. */
export interface PrunedRecord {
  /** Who had them removed. */
  readonly actor: string;
  /** The first segment that stays. */
  readonly first: string;
  /** How the one before it ended, which is where verification begins. */
  readonly link: SegmentLink;
  /** The signed note that vouches for that end. */
  readonly checkpoint: string;
  /** When it was recorded. */
  readonly at: string;
  /** Where the record lies. */
  readonly log: string;
  readonly seq: number;
}

/** The body of the record. */
export function prunedBody({
  actor,
  first,
  link,
  checkpoint,
}: Pick<PrunedRecord, "actor" | "first" | "link" | "checkpoint">): JsonObject {
  return { actor, first, checkpoint, ...link };
}

/** Reads the record; `undefined` for another. */
export function parsePruned({ type, body, at, log, seq }: JournalRecord): PrunedRecord | undefined {
  if (type !== PRUNED_TYPE) return undefined;
  const { actor, first, checkpoint } = body;
  const link = parseLink(body);
  if (link === undefined || link === "malformed" || typeof actor !== "string") return undefined;
  if (typeof first !== "string" || typeof checkpoint !== "string") return undefined;
  return { actor, first, checkpoint, link, at, log, seq };
}
