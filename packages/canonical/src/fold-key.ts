const variationSelectors = /[\uFE00-\uFE0F]/gu;

/**
 * A form of a path under which names that look alike, or that some file system takes for one, are equal. Two files of one tree,
 * or two of its folders, must not share a key. It only ever refuses: it is no identity, and nothing is looked up by it.
 */
export function foldKey(path: string): string {
  const folded = path
    .normalize("NFKC")
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll("ς", "σ");
  return folded.replace(variationSelectors, "").normalize("NFKC");
}
