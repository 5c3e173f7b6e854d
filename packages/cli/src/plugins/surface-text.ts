import type { SurfaceChange } from "@sigilrt/integrity";
import { escaped } from "../terminal.ts";

/** Differences between two surfaces as lines a person reads: what was, what is, by tool and member. */
export function changeLines(changes: readonly SurfaceChange[]): readonly string[] {
  const lines = changes.flatMap(({ list, name, member, before, after }) => {
    const what = `${words[list]} ${JSON.stringify(name)}`;
    const isWhole = member === undefined;
    if (isWhole && before === undefined)
      return [`+ ${what} is new`, ...difference(undefined, after)];
    if (isWhole && after === undefined) return [`- ${what} is gone`];
    const of = isWhole ? what : `${what}, ${member}`;
    return [`~ ${of}`, ...difference(before, after)];
  });
  return lines.map((line) => escaped(line));
}

const words = { capabilities: "right", hooks: "hook", tools: "tool" } as const;

/** Two texts as the lines that differ, with what they share at both ends left out. */
function difference(before: unknown, after: unknown): readonly string[] {
  const [was, is] = [linesOf(before), linesOf(after)];
  const start = was.findIndex((line, index) => line !== is[index]);
  const from = start === -1 ? Math.min(was.length, is.length) : start;
  let shared = 0;
  while (
    shared < Math.min(was.length, is.length) - from &&
    was.at(-1 - shared) === is.at(-1 - shared)
  ) {
    shared += 1;
  }
  return [
    ...was.slice(from, was.length - shared).map((line) => `    - ${line}`),
    ...is.slice(from, is.length - shared).map((line) => `    + ${line}`),
  ];
}

function linesOf(value: unknown): readonly string[] {
  if (value === undefined || typeof value === "number") return [];
  return typeof value === "string" ? value.split("\n") : JSON.stringify(value, null, 1).split("\n");
}
