import { readFileSync } from "node:fs";
import {
  canonicalize,
  CanonicalError,
  checkSafePath,
  foldKey,
  parseCanonical,
} from "@sigilrt/canonical";
import json from "@sigilrt/canonical/vectors/canonical-json.json" with { type: "json" };
import { describe, expect, it } from "vitest";

interface PathVectors {
  readonly cases: readonly {
    readonly path: string;
    readonly ok: boolean;
    readonly reason?: string;
  }[];
  readonly collisions: readonly {
    readonly a: string;
    readonly b: string;
    readonly collide: boolean;
  }[];
  readonly foldKeys: readonly { readonly path: string; readonly key: string }[];
}

// Read, not imported: the file holds lone surrogates, which the test runner's loader does not take.
const paths = JSON.parse(
  readFileSync(new URL("../vectors/safe-path.json", import.meta.url), "utf8"),
) as PathVectors;

const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
const cycle: unknown[] = [];
cycle.push(cycle);

/** The values that the vectors name because JSON cannot hold them. */
const refused: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  "undefined member": { a: undefined },
  "undefined element": [undefined],
  // oxlint-disable-next-line no-sparse-arrays -- a hole is the case
  hole: [1, , 2],
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  bigint: 1n,
  symbol: Symbol("a"),
  function: () => 1,
  "own toJSON": { toJSON: () => 1 },
  Date: new Date(0),
  Map: new Map(),
  Set: new Set(),
  Uint8Array: new Uint8Array(1),
  Buffer: Buffer.from("a"),
  RegExp: /a/u,
  "class instance": new (class Point {
    x = 1;
  })(),
  "symbol key": { [Symbol("a")]: 1 },
  "lone high surrogate": "\uD800",
  "lone low surrogate key": { "\uDC00": 1 },
  "65 levels": nested(65),
  "boxed number": Object(1),
  cycle,
};

const verdict = (work: () => unknown): string => {
  try {
    work();
    return "ok";
  } catch (error) {
    return error instanceof CanonicalError ? error.reason : String(error);
  }
};

describe("canonical JSON", () => {
  it.each(json.canonicalize)("writes $name", ({ json: text, canonical }) => {
    expect(canonicalize(JSON.parse(text))).toBe(canonical);
    expect(canonicalize(parseCanonical(Buffer.from(canonical)))).toBe(canonical);
  });

  it.each(json.refused)("refuses $value as $code", ({ value, code }) => {
    expect(refused).toHaveProperty([value]);
    expect(verdict(() => canonicalize(refused[value] as never))).toBe(code);
  });

  it.each(json.parseCanonical)("reads $name as $expected", ({ base64, expected }) => {
    expect(verdict(() => parseCanonical(Buffer.from(base64, "base64")))).toBe(expected);
  });
});

describe("safe paths", () => {
  it.each(paths.cases)("answers $path", ({ path, ...expected }) => {
    const reason = checkSafePath(path);
    expect({ ok: reason === undefined, ...(reason === undefined ? {} : { reason }) }).toEqual(
      expected,
    );
  });

  it.each(paths.collisions)("collides $a and $b: $collide", ({ a, b, collide }) => {
    expect(foldKey(a) === foldKey(b)).toBe(collide);
  });

  it.each(paths.foldKeys)("folds $path", ({ path, key }) => {
    expect(foldKey(path)).toBe(key);
  });
});
