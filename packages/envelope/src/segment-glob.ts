/** One segment of a pattern: the literals between its stars. One literal is a segment without a star. */
export type SegmentGlob = readonly string[];

/** Splits a segment at its stars; each literal is brought under `key`, so that a full-width star stays a character. */
export const segmentGlob = (segment: string, key: (literal: string) => string): SegmentGlob =>
  segment.split("*").map(key);

/** Whether a glob matches a whole segment. Linear: of what lies between stars the first place is always the best. */
export function globMatches(glob: SegmentGlob, segment: string): boolean {
  const first = glob[0] ?? "";
  if (glob.length === 1) return segment === first;
  const last = glob.at(-1) ?? "";
  if (segment.length < first.length + last.length) return false;
  if (!segment.startsWith(first) || !segment.endsWith(last)) return false;

  let from = first.length;
  const end = segment.length - last.length;
  for (const literal of glob.slice(1, -1)) {
    const found = segment.indexOf(literal, from);
    if (found < 0 || found + literal.length > end) return false;
    from = found + literal.length;
  }
  return true;
}

/** Whether every segment that `narrow` matches is matched by `wide`, as far as that can be shown. */
export function globCovers(wide: SegmentGlob, narrow: SegmentGlob): boolean {
  // A star of the narrow one becomes a character that no literal holds, so that only a star of the wide one takes it.
  return globMatches(wide, narrow.join("\0"));
}
