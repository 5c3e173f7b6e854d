import { expect, it } from "vitest";
import { runWithin } from "./run-within.ts";

const endless = (): never => {
  for (;;);
};

it("answers with the value of the work", () => {
  expect(runWithin(1_000, () => 7)).toEqual({ value: 7 });
});

it("ends work that does not end, and can be used again", () => {
  expect(runWithin(20, endless)).toBe("late");
  expect(runWithin(1_000, () => 8)).toEqual({ value: 8 });
});

it("passes on what the work throws", () => {
  const fault = new RangeError("no");
  const failing = (): never => {
    throw fault;
  };
  expect(() => runWithin(1_000, failing)).toThrow(fault);
});

it("begins work anew that waited for a processor, and not for ever", () => {
  const memory = new Int32Array(new SharedArrayBuffer(4));
  let starts = 0;
  const starved = (): string => {
    starts += 1;
    if (starts < 3) Atomics.wait(memory, 0, 0, 300);
    return "done";
  };
  expect(runWithin(100, starved)).toEqual({ value: "done" });
  expect(starts).toBe(3);
  const asleep = (): void => {
    starts += 1;
    Atomics.wait(memory, 0, 0, 300);
  };
  starts = 0;
  expect(runWithin(100, asleep)).toBe("late");
  expect(starts).toBe(4);
});
