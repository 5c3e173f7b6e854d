import { formatLockfile, parseLockfile, surfaceDigest } from "@sigilrt/integrity";
import { count } from "@sigilrt/testing/counts";
import fc from "fast-check";
import { expect, it } from "vitest";

const surface = surfaceDigest({ capabilities: [], hooks: [], tools: [] });
const entry = (
  digest: string | readonly string[],
  more = {},
): Readonly<Record<string, unknown>> => ({
  digest,
  ...more,
  surface,
  version: "1.4.2-rc.1+build",
});
const one = `tree1-sha256:${"a".repeat(64)}`;
const two = `tree1-sha256:${"b".repeat(64)}`;
const seeds = [
  "{}",
  JSON.stringify({ demo: "c".repeat(64), "publisher/tool": "d".repeat(64) }),
  `${JSON.stringify({ lockfileVersion: 1, plugins: {} }, null, 2)}\n`,
  `${JSON.stringify(
    {
      lockfileVersion: 1,
      plugins: {
        both: entry([one, two]),
        demo: entry(one, { signers: [`ed25519:${"A".repeat(43)}=`] }),
        "publisher/tool": entry(two),
      },
    },
    null,
    2,
  )}\n`,
].map((text) => Buffer.from(text));

const mutation = fc.record({
  at: fc.nat(),
  length: fc.nat({ max: 12 }),
  text: fc.oneof(
    fc.constantFrom("", " ", "\n", '"', "{", "}", "[", "]", ",", ":", "\u0000", "\\u0061", "1e0"),
    fc.constantFrom('"skipVerify": true', '"__proto__": {}', '"demo"', "\uFEFF", "\r\n", "Z"),
    fc.string({ maxLength: 4 }),
  ),
});

/** Every text that is accepted is the one text that would be written for what was read, so nothing in it was read past. */
it("refuses or reads whole every mutated lock file, and never throws", () => {
  const accepted = new Set<number>();
  fc.assert(
    fc.property(
      fc.nat({ max: seeds.length - 1 }),
      fc.array(mutation, { maxLength: 3 }),
      (seed, mutations) => {
        let bytes = seeds[seed] ?? Buffer.alloc(0);
        for (const { at, length, text } of mutations) {
          const start = at % (bytes.length + 1);
          bytes = Buffer.concat([
            bytes.subarray(0, start),
            Buffer.from(text),
            bytes.subarray(start + length),
          ]);
        }
        const outcome = parseLockfile(bytes);
        if (!outcome.ok || outcome.lock.version === 0) return;
        accepted.add(seed);
        expect(formatLockfile(outcome.lock)).toBe(bytes.toString());
      },
    ),
    { numRuns: count("inputs") / 2 },
  );
  // Unchanged ones are among them, so that something was accepted at all.
  expect(accepted).toEqual(new Set([2, 3]));
});
