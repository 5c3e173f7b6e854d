import { hash } from "node:crypto";
import { canonicalize } from "@sigilrt/canonical";
import type { JsonObject } from "@sigilrt/journal";

const MAX_BYTES = 65_536;

/** What is put on record of an object: itself, or of a large one its digest and its size. */
export function recorded(value: JsonObject): JsonObject {
  const text = canonicalize(value);
  const bytes = Buffer.byteLength(text);
  return bytes <= MAX_BYTES ? value : { digest: `sha256:${hash("sha256", text)}`, bytes };
}
