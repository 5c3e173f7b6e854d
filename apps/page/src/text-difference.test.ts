import { expect, it } from "vitest";
import { differenceOf } from "./text-difference.ts";

const shown = (before: unknown, after: unknown): readonly string[] =>
  differenceOf(before, after).map(
    ({ sign, before: start, middle, after: end }) => `${sign}${start}[${middle}]${end}`,
  );

it("marks the words that changed in a line", () => {
  expect(shown("Reads a file", "Reads a file and sends it on")).toEqual([
    "-Reads a [file]",
    "+Reads a [file and sends it on]",
  ]);
  expect(shown("Adds one note", "Adds two note")).toEqual(["-Adds [one ]note", "+Adds [two ]note"]);
});

it("leaves out the lines that stayed", () => {
  expect(shown("a\nb\nc\nd", "a\nx\ny\nd")).toEqual(["-[b]", "-[c]", "+[x]", "+[y]"]);
  expect(shown("a\nb", "a\nb\nc")).toEqual(["+[c]"]);
});

it("shows what is new or gone whole, and values as they are written", () => {
  expect(shown(undefined, "new")).toEqual(["+[new]"]);
  expect(shown("gone", undefined)).toEqual(["-[gone]"]);
  expect(shown({ type: "string" }, { type: "number" })).toEqual([
    '-  "type": ["string"]',
    '+  "type": ["number"]',
  ]);
});

it("holds words that are repeated apart", () => {
  expect(shown("a a", "a a a")).toEqual(["-a []a", "+a [a ]a"]);
  expect(shown("same", "same")).toEqual([]);
});
