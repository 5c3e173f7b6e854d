import { foldKey } from "@sigilrt/canonical";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rawBundle } from "./testing/raw-zip.ts";
import { rejectionOf } from "./testing/workbench.ts";

type Fault = ReturnType<typeof rejectionOf>;

/** The same question, asked of one path after the other with every folder in a table. */
function reference(paths: readonly string[]): Fault {
  const seen = new Set<string>();
  const places = new Map([["manifest.txt", { path: "manifest.txt", isFile: true }]]);
  for (const path of paths) {
    if (seen.has(path)) return { kind: "duplicate_entry", path };
    seen.add(path);
    const segments = path.split("/");
    for (const depth of segments.keys()) {
      const place = segments.slice(0, depth + 1).join("/");
      const isFile = depth === segments.length - 1;
      const known = places.get(foldKey(place));
      if (known && (known.isFile || isFile || known.path !== place)) {
        return { kind: "path_collision", path: place, other: known.path };
      }
      places.set(foldKey(place), known ?? { path: place, isFile });
    }
  }
  return undefined;
}

const faultIn = (paths: readonly string[]): Fault => {
  const rejection = rejectionOf(rawBundle(paths.map((name) => ({ name, content: "" }))));
  const isFault = rejection?.kind === "duplicate_entry" || rejection?.kind === "path_collision";
  return isFault ? rejection : undefined;
};

// U+FF0F folds to a slash, U+2100 to "a/c", U+FE0F to nothing.
const segment = fc.constantFrom(
  "a",
  "A",
  "b",
  "c",
  "ａ",
  "a／b",
  "b／c",
  "℀",
  "ß",
  "ss",
  "a\uFE0F",
  "!",
);
const paths = fc.array(
  fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join("/")),
  { maxLength: 6 },
);

describe("paths of a tree", () => {
  it("are refused where the first one cannot stand beside those before it", () => {
    fc.assert(
      fc.property(paths, (given) => {
        expect(faultIn(given)).toEqual(reference(given));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    [["a／b", "a/b"], { kind: "path_collision", path: "a/b", other: "a／b" }],
    [["a/x", "a／b", "A/y"], { kind: "path_collision", path: "A", other: "a" }],
    [["a／b", "a"], undefined],
    [["a", "A", "b", "b"], { kind: "path_collision", path: "A", other: "a" }],
    [["b", "b", "a", "A"], { kind: "duplicate_entry", path: "b" }],
    [["manifest.txt/a"], { kind: "path_collision", path: "manifest.txt", other: "manifest.txt" }],
  ])("are looked at in their order: %j", (given, fault) => {
    expect(faultIn(given)).toEqual(fault);
  });
});
