import { expect, it } from "vitest";
import { createGate } from "./egress-limits.ts";

const limits = { connections: 3, pending: 2, perSecond: 5 };

it("holds what is open, what is pending and what is opened in a second apart", () => {
  let at = 0;
  const gate = createGate(limits, () => at);
  const [first, second] = [gate.enter(), gate.enter()];
  expect([first?.isOver, second?.isOver]).toEqual([false, false]);
  // Two are pending; the refused one gives its place back.
  const third = gate.enter();
  expect(third?.isOver).toBe(true);
  third?.leave();
  first?.settle();
  expect(gate.enter()?.isOver).toBe(false);
  second?.settle();
  // Three are open, and settling a second time frees nothing.
  second?.settle();
  const fifth = gate.enter();
  expect(fifth?.isOver).toBe(true);
  fifth?.leave();
  first?.leave();
  first?.leave();
  // The sixth of this second.
  const sixth = gate.enter();
  expect(sixth?.isOver).toBe(true);
  sixth?.leave();
  at = 1_000;
  expect(gate.enter()?.isOver).toBe(false);
  expect(gate.enter()?.isOver).toBe(true);
});

it("does not even read what comes beyond as many refusals as may be pending", () => {
  const gate = createGate({ ...limits, connections: 0 }, () => 0);
  const refused = gate.enter();
  expect([refused?.isOver, gate.enter()?.isOver]).toEqual([true, true]);
  expect(gate.enter()).toBeUndefined();
  refused?.leave();
  expect(gate.enter()?.isOver).toBe(true);
});
