const aliases: ReadonlyMap<string, string> = new Map([
  ["command", "entry.command"],
  ["permissions", "capabilities"],
  ["timeout", "resources.timeouts.call"],
  ["volumes", "storage.volumes"],
]);
const MAX_DISTANCE = 2;

/** The key of a manifest that was probably meant: a known alias, or as {@link nearestWord} says. */
export function suggest(word: string, allowed: readonly string[]): string | undefined {
  return nearestWord(word, allowed) ?? aliases.get(word);
}

/**
 * The allowed word that was probably meant: another casing of it, or the nearest within two edits. `undefined` for a word of more than
 * 64 characters and when nothing is near.
 */
export function nearestWord(word: string, allowed: readonly string[]): string | undefined {
  if (word.length > 64) return undefined;
  const snake = word.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
  const folded = word.toLowerCase().replaceAll("-", "_");
  const spelled = [snake, folded].find((candidate) => allowed.includes(candidate));
  const nearest = allowed
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ distance }) => distance <= MAX_DISTANCE)
    .toSorted((left, right) => left.distance - right.distance)
    .at(0)?.candidate;
  return spelled ?? nearest;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let before: readonly number[] = [];
  let previous: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current: number[] = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const cost = from[row - 1] === to[column - 1] ? 0 : 1;
      const steps = [
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + cost,
      ];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) steps.push((before[column - 2] ?? Number.POSITIVE_INFINITY) + 1);
      current.push(Math.min(...steps));
    }
    before = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}
