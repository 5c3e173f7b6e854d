import { expect, it } from "vitest";
import { ReplacementPace } from "./replacement-pace.ts";

it("replaces at once, then ever later, at most after 10 s, counted from the last failure", () => {
  let now = 0;
  const pace = new ReplacementPace(() => now);
  const delays = Array.from({ length: 7 }, () => {
    pace.failed();
    return pace.delayMs;
  });
  expect(delays).toEqual([0, 100, 200, 400, 800, 1_600, 3_200]);
  now = 3_000;
  expect(pace.delayMs).toBe(200);
  now = 4_000;
  expect(pace.delayMs).toBe(0);
});

it("gives up at the eighth failure within a minute and forgets older ones", () => {
  let now = 0;
  const pace = new ReplacementPace(() => now);
  for (let failure = 0; failure < 20; failure += 1) {
    now += 9_000;
    pace.failed();
  }
  expect(pace.spent).toBe(false);
  expect(pace.recent).toBe(7);
  pace.failed();
  expect(pace.spent).toBe(true);
});

it("waits no longer than the signal", async () => {
  const pace = new ReplacementPace(() => 0);
  for (let failure = 0; failure < 7; failure += 1) pace.failed();
  const abort = new AbortController();
  const waiting = pace.wait(abort.signal);
  abort.abort();
  await expect(waiting).resolves.toBeUndefined();
});
