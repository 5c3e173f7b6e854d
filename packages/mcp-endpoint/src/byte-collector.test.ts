import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteCollector } from "./byte-collector.ts";

describe("a byte collector", () => {
  it("hands over what was added up to its limit, and nothing beyond, and begins anew", () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 8 });
    fc.assert(
      fc.property(chunks, fc.integer({ min: 0, max: 12_000 }), (added, limit) => {
        const collector = new ByteCollector(limit);
        const whole = Buffer.concat(added);
        for (let round = 0; round < 2; round += 1) {
          expect(collector.isEmpty).toBe(true);
          for (const chunk of added) collector.add(chunk);
          expect(collector.isOver).toBe(whole.length > limit);
          const taken = collector.take();
          expect(taken && Buffer.from(taken)).toEqual(whole.length > limit ? undefined : whole);
        }
      }),
    );
  });
});
