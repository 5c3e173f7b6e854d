import { expect, it } from "vitest";
import { collect } from "./fixtures/collect.ts";
import { createOutputRing, type OutputRing } from "./output-ring.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);
const { signal } = new AbortController();
const kept = (ring: OutputRing): readonly string[] => {
  const seen: string[] = [];
  for (let chunk = ring.take(); chunk !== undefined; chunk = ring.take()) {
    seen.push(`${chunk.stream} ${Buffer.from(chunk.data).toString()}`);
  }
  return seen;
};

it("keeps both streams in the order they were printed", () => {
  const ring = createOutputRing(1000);
  ring.push("stdout", bytes("a"));
  ring.push("stderr", bytes("b"));
  ring.push("stdout", bytes("c"));
  expect(kept(ring)).toEqual(["stdout a", "stderr b", "stdout c"]);
  expect(kept(ring)).toEqual([]);
});

it("drops the oldest of the stream that has too much, and counts its bytes once", () => {
  const ring = createOutputRing(200);
  ring.push("stderr", bytes("quiet"));
  for (const text of ["first", "2", "3", "4", "5"]) ring.push("stdout", bytes(text));
  expect(ring.takeDropped()).toBe(6);
  expect(ring.takeDropped()).toBe(0);
  expect(kept(ring)).toEqual(["stderr quiet", "stdout 3", "stdout 4", "stdout 5"]);
});

it("keeps the end of a piece that alone is too much", () => {
  const ring = createOutputRing(164);
  ring.push("stdout", bytes(`${"x".repeat(500)}end`));
  expect(ring.takeDropped()).toBe(403);
  expect(kept(ring)).toEqual([`stdout ${"x".repeat(97)}end`]);
});

it("is not outgrown by empty pieces", () => {
  const ring = createOutputRing(640);
  for (let index = 0; index < 10_000; index += 1) ring.push("stdout", bytes(""));
  expect(kept(ring)).toHaveLength(10);
});

it("gives a reader what was there and what comes, and ends it when the ring ends", async () => {
  const ring = createOutputRing(1000);
  ring.push("stdout", bytes("before"));
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { data } of ring.read(signal)) {
      seen.push(Buffer.from(data).toString());
      if (seen.length === 1) ring.push("stderr", bytes("after"));
      else ring.end();
    }
  })();
  await reading;
  expect(seen).toEqual(["before", "after"]);
});

it("lets a reader go that is no longer wanted, and keeps the rest for the next", async () => {
  const ring = createOutputRing(1000);
  const leaving = new AbortController();
  const reading = collect(ring.read(leaving.signal));
  leaving.abort();
  expect(await reading).toEqual([]);
  ring.push("stdout", bytes("kept"));
  expect(kept(ring)).toEqual(["stdout kept"]);
});
