import { once } from "node:events";
import { expect, it } from "vitest";
import { sharedDeadline } from "./shared-deadline.ts";

it("gives one signal to those who ask together, and a new one once it is over", async () => {
  const deadline = sharedDeadline();
  const first = deadline(64);
  expect(deadline(64)).toBe(first);
  await once(first, "abort");
  const second = deadline(64);
  expect(second).not.toBe(first);
  expect(second.aborted).toBe(false);
});

it("gives a new one when a sixteenth of the time is over, so that nobody waits much less", async () => {
  const deadline = sharedDeadline();
  const first = deadline(3_200);
  await once(AbortSignal.timeout(210), "abort");
  expect(deadline(3_200)).not.toBe(first);
  expect(first.aborted).toBe(false);
});
