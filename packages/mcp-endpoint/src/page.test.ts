import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pageOf } from "./page.ts";

const listOf = (size: number): readonly (readonly [string, number])[] =>
  Array.from(
    { length: size },
    (_, index) => [`k${String(index).padStart(6, "0")}`, index] as const,
  );

describe("a list in pages", () => {
  it("is whole and in order, whatever its size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_500 }), (size) => {
        const seen: number[] = [];
        let cursor: string | undefined;
        do {
          const page = pageOf(listOf(size), cursor);
          seen.push(...(page?.entries ?? [Number.NaN]));
          cursor = page?.nextCursor;
        } while (cursor !== undefined);
        expect(seen).toEqual(Array.from({ length: size }, (_, index) => index));
      }),
      { numRuns: 50 },
    );
  });

  it("loses nothing of what stays when the list changes between two pages", () => {
    const first = pageOf(listOf(2_500), undefined);
    const changed = listOf(2_500).filter(([, index]) => index !== 999 && index !== 10);
    const second = pageOf(changed, first?.nextCursor);
    expect(second?.entries[0]).toBe(1_000);
    expect(second?.entries).toHaveLength(1_000);
  });

  it.each(["", "x", "YWZ0ZXI", "after:k", "YWZ0ZXI6aw==", "\u0000", "x".repeat(100_000)])(
    "has no page for a cursor that it did not hand out: %j",
    (cursor) => {
      expect(pageOf(listOf(3), cursor)).toBeUndefined();
    },
  );
});
