import { isMap, isSeq, parseDocument } from "yaml";
import { parseManifest } from "./parse.ts";

/** A right that a manifest is to ask for. */
export interface AddedCapability {
  /** The pattern. */
  readonly pattern: string;
  /** The reason that is shown where a person consents. */
  readonly description: string;
}

/**
 * Writes rights into the text of a manifest, behind those that it asks for, and leaves the rest of the text as its author wrote it.
 * It grants nothing: a manifest is a request.
 *
 * @throws {@link ManifestError} when the text is no manifest, or is none with the rights, such as one that a denial overlaps
 */
export function extendManifest(text: string, added: readonly AddedCapability[]): string {
  parseManifest(text);
  if (added.length === 0) return text;
  const document = parseDocument(text, { schema: "core", version: "1.2" });
  const present = document.get("capabilities");
  // `capabilities:` with nothing behind it is absent, as everywhere in a manifest.
  const rights = isSeq(present) ? present : document.createNode([]);
  rights.flow = false;
  for (const { pattern, description } of added) {
    rights.items.push(document.createNode({ pattern, description }));
  }
  if (isMap(document.contents)) document.contents.flow = false;
  document.set("capabilities", rights);
  const extended = document.toString({ lineWidth: 0 });
  parseManifest(extended);
  return extended;
}
