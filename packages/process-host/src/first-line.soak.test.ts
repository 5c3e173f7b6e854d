import { PassThrough } from "node:stream";
import { count } from "@sigilrt/testing/counts";
import fc from "fast-check";
import { expect, it } from "vitest";
import { readFirstLine } from "./first-line.ts";

const outcome = async (pieces: readonly Uint8Array[]): Promise<unknown> => {
  const stdout = new PassThrough();
  const rest: Uint8Array[] = [];
  const first = readFirstLine(stdout, (bytes) => rest.push(bytes));
  const answer = first.then(
    (line) => line,
    (error: unknown) => (error as { readonly code: string }).code,
  );
  for (const piece of pieces) stdout.write(piece);
  stdout.end();
  const found = await answer;
  return { found, rest: typeof found === "string" ? "" : Buffer.concat(rest).toString("latin1") };
};

const printed = fc
  .array(
    fc.oneof(
      fc.constantFrom("1|1|unix|/s|grpc\n", "noise\n", "\n", "1|", "|"),
      fc.string({ maxLength: 9 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.from(parts.join("")));

it("finds the same handshake, and the same rest, however the output is cut", async () => {
  await fc.assert(
    fc.asyncProperty(printed, fc.array(fc.nat(80), { maxLength: 5 }), async (bytes, cuts) => {
      const edges = [0, ...cuts.filter((cut) => cut < bytes.length), bytes.length].toSorted(
        (a, b) => a - b,
      );
      const pieces = edges.map((edge, index) => bytes.subarray(edges[index - 1] ?? 0, edge));
      expect(await outcome(pieces)).toEqual(await outcome([bytes]));
    }),
    { numRuns: count("inputs") },
  );
});
