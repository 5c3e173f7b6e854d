import { createManualClock } from "@sigilrt/lifecycle/testing";
import { expect, it } from "vitest";
import { createTurnstile } from "./turnstile.ts";

it.each([0, 1, 2, 3, 4, 5, 6])(
  "gives no place to who has gone, %d turns after they left",
  async (turns) => {
    const turnstile = createTurnstile(1, 10, 1_000, createManualClock());
    const never = new AbortController().signal;
    await turnstile.enter(never);
    const gone = new AbortController();
    const first = turnstile.enter(gone.signal).catch(() => "gone");
    const second = turnstile.enter(never);
    const third = turnstile.enter(never);
    gone.abort();
    // oxlint-disable-next-line no-await-in-loop -- each turn is another moment of the race
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    turnstile.leave();
    // Whoever won, the place is either given back or taken: a leak would leave the line standing.
    if ((await first) === true) turnstile.leave();
    expect(await second).toBe(true);
    turnstile.leave();
    expect(await third).toBe(true);
    turnstile.leave();
    expect(turnstile.inside).toBe(0);
  },
);

it("lets everybody in once it is open, first those in line", async () => {
  const turnstile = createTurnstile(0, 2, 1_000, createManualClock());
  const never = new AbortController().signal;
  const line = [turnstile.enter(never), turnstile.enter(never)];
  expect(await turnstile.enter(never)).toBe(false);
  turnstile.open();
  expect(await Promise.all([...line, turnstile.enter(never)])).toEqual([true, true, true]);
});
