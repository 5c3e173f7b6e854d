/** One line of a difference; `middle` is what changed within it, when only a part did. */
export interface DifferentLine {
  readonly sign: "-" | "+";
  readonly before: string;
  readonly middle: string;
  readonly after: string;
}

/** Two values as the lines that differ, with what they share at both ends left out. */
export function differenceOf(before: unknown, after: unknown): readonly DifferentLine[] {
  const [was, is] = trimmed(linesOf(before), linesOf(after));
  const [old = "", now = ""] = [was[0], is[0]];
  if (was.length === 1 && is.length === 1) return withinLine(old, now);
  return [...was.map((line) => whole("-", line)), ...is.map((line) => whole("+", line))];
}

function trimmed<T>(was: readonly T[], is: readonly T[]): [readonly T[], readonly T[]] {
  const shortest = Math.min(was.length, is.length);
  let start = 0;
  while (start < shortest && was[start] === is[start]) start += 1;
  let end = 0;
  while (end < shortest - start && was.at(-1 - end) === is.at(-1 - end)) end += 1;
  return [was.slice(start, was.length - end), is.slice(start, is.length - end)];
}

/** Whole words, so that what changed can be read. */
function withinLine(was: string, is: string): readonly DifferentLine[] {
  const [old, now] = [was.split(/(?<=\s)/u), is.split(/(?<=\s)/u)];
  const [gone, come] = trimmed(old, now);
  const shared = old.length - gone.length;
  if (shared === 0) return [whole("-", was), whole("+", is)];
  let start = 0;
  while (start < shared && old[start] === now[start]) start += 1;
  const line = (
    sign: "-" | "+",
    words: readonly string[],
    middle: readonly string[],
  ): DifferentLine => ({
    sign,
    before: words.slice(0, start).join(""),
    middle: middle.join(""),
    after: words.slice(start + middle.length).join(""),
  });
  return [line("-", old, gone), line("+", now, come)];
}

const whole = (sign: "-" | "+", middle: string): DifferentLine => ({
  sign,
  before: "",
  middle,
  after: "",
});

function linesOf(value: unknown): readonly string[] {
  if (value === undefined || typeof value === "number") return [];
  return (typeof value === "string" ? value : JSON.stringify(value, null, 2)).split("\n");
}
