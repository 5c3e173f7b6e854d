import { satisfiesRange } from "@sigilrt/manifest";
import { expect, it } from "vitest";

it.each([
  ["1.2.3", "^1.0.0", true],
  ["2.0.0", "^1.0.0", false],
  ["1.0.0-beta.1", "*", false],
  ["1.0.0-beta.1", ">=1.0.0-beta.0 <2", true],
  ["latest", "*", false],
  ["1.0.0", "soon", false],
  ["1.0.0", "", false],
])("says whether %s is in %s", (version, range, answer) => {
  expect(satisfiesRange(version, range)).toBe(answer);
});
