import { createRestartPolicy } from "@sigilrt/lifecycle";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const full = (): number => 0.999_999_999;

describe("createRestartPolicy", () => {
  it("doubles the delay from 500 ms with each crash in a row", () => {
    const policy = createRestartPolicy({ random: full, quarantineAfter: 100 });
    const delays = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((at) => policy.crashed(at));
    expect(delays).toEqual(
      [499, 999, 1_999, 3_999, 7_999, 15_999, 31_999, 59_999, 59_999].map((delayMs, index) => ({
        kind: "restart",
        delayMs,
        attempt: index + 1,
      })),
    );
  });

  it("spreads the delay from nothing to the ceiling", () => {
    const policy = createRestartPolicy({ random: () => 0 });
    expect(policy.crashed(0)).toEqual({ kind: "restart", delayMs: 0, attempt: 1 });
  });

  it("starts again after 60 s of uninterrupted running, and not after less", () => {
    const policy = createRestartPolicy({ random: full, quarantineAfter: 100 });
    policy.crashed(0);
    policy.crashed(1_000);
    expect(policy.crashed(61_499, 1_500)).toMatchObject({ attempt: 3 });
    expect(policy.crashed(122_000, 62_000)).toMatchObject({ attempt: 1, delayMs: 499 });
  });

  it("counts a failed start as a crash that resets nothing", () => {
    const policy = createRestartPolicy({ random: full, quarantineAfter: 100 });
    policy.crashed(0);
    expect(policy.crashed(1_000_000)).toMatchObject({ attempt: 2 });
  });

  it("quarantines after 5 crashes in 10 minutes", () => {
    const policy = createRestartPolicy({ random: full });
    for (const at of [0, 1, 2, 3]) expect(policy.crashed(at).kind).toBe("restart");
    expect(policy.crashed(599_999)).toEqual({ kind: "quarantine", crashes: 5 });
  });

  it("does not count a crash that is 10 minutes old", () => {
    const policy = createRestartPolicy({ random: full });
    for (const at of [0, 1, 2, 3]) policy.crashed(at);
    expect(policy.crashed(600_000).kind).toBe("restart");
  });

  it("forgets every crash when it is cleared", () => {
    const policy = createRestartPolicy({ random: full });
    for (const at of [0, 1, 2, 3]) policy.crashed(at);
    policy.clear();
    expect(policy.crashed(4)).toEqual({ kind: "restart", delayMs: 499, attempt: 1 });
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("refuses %s as a delay", (baseDelayMs) => {
    expect(() => createRestartPolicy({ random: full, baseDelayMs })).toThrow(RangeError);
  });

  it("never waits longer than its ceiling", () => {
    const times = fc.array(fc.nat(10_000_000), { maxLength: 50 });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(times, random, (gaps, jitter) => {
        const policy = createRestartPolicy({ random: () => jitter, quarantineAfter: 1_000 });
        let at = 0;
        for (const gap of gaps) {
          at += gap;
          expect(policy.crashed(at)).toMatchObject({ kind: "restart" });
          expect(policy.crashed(at)).toSatisfy(
            (decision: { delayMs: number }) => decision.delayMs >= 0 && decision.delayMs < 60_000,
          );
        }
      }),
    );
  });
});
