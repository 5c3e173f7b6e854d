import { expect, it } from "vitest";
import { cancelled, createRunningCalls } from "./running-calls.ts";

it("cancels the calls of one id and no others", () => {
  const calls = createRunningCalls();
  const [first, twin, other, nameless] = ["a", "a", "b", ""].map((id) => calls.begin(id));
  expect(calls.cancel("a")).toBe(true);
  // An empty id names no call; it would otherwise end every call of an older host.
  expect(calls.cancel("")).toBe(false);
  expect(calls.cancel("c")).toBe(false);
  expect([first, twin, other, nameless].map((call) => call?.signal.aborted)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

it("forgets a call that has ended", () => {
  const calls = createRunningCalls();
  const call = calls.begin("a");
  expect(calls.count()).toBe(1);
  call.end();
  expect([calls.count(), calls.cancel("a"), call.signal.aborted]).toEqual([0, false, false]);
});

it("aborts all with one reason", () => {
  const calls = createRunningCalls();
  const call = calls.begin("");
  const reason = cancelled("the plugin stops");
  calls.abortAll(reason);
  expect(call.signal.reason).toBe(reason);
});
