import { createBudget, formatUsd, parseUsd } from "@sigilrt/envelope";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("an amount of money", () => {
  it("adds 0.1 and 0.2 to exactly 0.3", () => {
    expect(formatUsd(parseUsd("0.1") + parseUsd("0.2"))).toBe("0.3");
  });

  it("is read back as it was written", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }), (amount) => {
        expect(parseUsd(formatUsd(amount))).toBe(amount);
      }),
    );
  });

  it.each(["", "-1", "+1", "1e3", "1.", ".5", "1.0000001", "01", "1,5", "NaN", "0x10", " 1", "1 "])(
    "is not %j",
    (text) => {
      expect(() => parseUsd(text)).toThrow(RangeError);
    },
  );

  it.each([undefined, null, 1, 1n, {}])("is not %s, which is no text", (value) => {
    expect(() => parseUsd(value as never)).toThrow(RangeError);
  });
});

describe("a budget", () => {
  it("denies the second of two reservations of 0.60 on 1.00", () => {
    const budget = createBudget(parseUsd("1.00"));
    expect(budget.reserve(parseUsd("0.60"))).toMatchObject({ ok: true });
    expect(budget.reserve(parseUsd("0.60"))).toEqual({ ok: false, reason: "budget_exceeded" });
  });

  it("never exceeds the budget under concurrency", async () => {
    const max = 1_000_000n;
    const budget = createBudget(max);
    // The original looked, waited for the model, and booked: all callers saw the same rest.
    const answers = await Promise.all(
      Array.from({ length: 10_000 }, async (_, n) => {
        const answer = budget.reserve(700n);
        expect(budget.state().held).toBeLessThanOrEqual(max);
        await Promise.resolve();
        if (!answer.ok) return 0n;
        if (n % 3 === 0) budget.release(answer.id);
        else budget.settle(answer.id, 700n);
        return n % 3 === 0 ? 0n : 700n;
      }),
    );
    const spent = answers.reduce<bigint>((sum, part) => sum + part, 0n);
    expect(budget.state()).toEqual({ max, spent, held: 0n, stopped: false });
    expect(spent).toBeGreaterThan(0n);
    expect(spent).toBeLessThanOrEqual(max);
  });

  it("never exceeds its maximum by reservations, in any order of moves", () => {
    const move = fc.record({
      kind: fc.constantFrom("reserve", "settle", "release"),
      amount: fc.bigInt({ min: 0n, max: 60n }),
      pick: fc.nat(),
    });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 100n }), fc.array(move), (max, moves) => {
        const budget = createBudget(max);
        const open: { readonly id: string; readonly amount: bigint }[] = [];
        for (const { kind, amount, pick } of moves) {
          const one = open[pick % open.length];
          if (kind === "reserve") {
            const answer = budget.reserve(amount);
            if (answer.ok) open.push({ id: answer.id, amount });
          } else if (one) {
            open.splice(open.indexOf(one), 1);
            if (kind === "release") budget.release(one.id);
            else budget.settle(one.id, amount < one.amount ? amount : one.amount);
          }
          const { spent, held } = budget.state();
          expect(spent + held <= max).toBe(true);
          expect(held).toBe(open.reduce((sum, reservation) => sum + reservation.amount, 0n));
        }
      }),
    );
  });

  it("lets no paid operation through on zero, and free ones", () => {
    const budget = createBudget(0n);
    expect(budget.reserve(1n)).toEqual({ ok: false, reason: "budget_exceeded" });
    expect(budget.reserve(0n)).toMatchObject({ ok: true });
  });

  it.each([undefined, null, 5, "5", -1n])("is an error when its maximum is %s", (max) => {
    expect(() => createBudget(max as never)).toThrow(RangeError);
  });

  it.each([-1n, 5, "5", undefined, Number.NaN])("refuses a price of %s", (price) => {
    const budget = createBudget(10n);
    expect(budget.reserve(price as never)).toEqual({ ok: false, reason: "budget_invalid" });
    expect(budget.state().held).toBe(0n);
  });

  it("books an overrun, reports it, and holds nothing after it", () => {
    const budget = createBudget(100n);
    const answer = budget.reserve(10n);
    const settlement = budget.settle(answer.ok ? answer.id : "", 15n);
    expect(settlement).toEqual({ booked: 15n, overrun: 5n, unknownPrice: false });
    expect(budget.state()).toMatchObject({ spent: 15n, held: 0n, stopped: true });
    expect(budget.reserve(1n)).toEqual({ ok: false, reason: "budget_exceeded" });
  });

  it.each([-1n, undefined, 3])("books the estimate when the price turns out to be %s", (actual) => {
    const budget = createBudget(100n);
    const answer = budget.reserve(10n);
    const settlement = budget.settle(answer.ok ? answer.id : "", actual as never);
    expect(settlement).toEqual({ booked: 10n, overrun: 0n, unknownPrice: true });
    expect(budget.reserve(1n)).toEqual({ ok: false, reason: "budget_exceeded" });
  });

  it("closes a reservation once", () => {
    const budget = createBudget(100n);
    const answer = budget.reserve(10n);
    const id = answer.ok ? answer.id : "";
    budget.release(id);
    expect(() => budget.release(id)).toThrow(RangeError);
    expect(() => budget.settle(id, 1n)).toThrow(RangeError);
    expect(budget.state()).toMatchObject({ spent: 0n, held: 0n });
  });
});
