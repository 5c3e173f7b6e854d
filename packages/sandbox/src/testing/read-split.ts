import { createEgressReader } from "../egress-request.ts";

/** What the reader of requests makes of some bytes, with what stands behind the request. */
export function readSplit(input: Buffer, cuts: readonly number[]): unknown {
  const reader = createEgressReader();
  const borders = [...cuts.toSorted((left, right) => left - right), input.length];
  let start = 0;
  let verdict: ReturnType<typeof reader.read> = { state: "more" };
  for (const end of borders) {
    verdict = reader.read(input.subarray(start, end));
    start = end;
    if (verdict.state === "asked") {
      const rest = Buffer.concat([verdict.rest, input.subarray(end)]);
      return { ...verdict, rest: rest.toString("latin1") };
    }
    if (verdict.state === "malformed") return verdict;
  }
  return verdict;
}
