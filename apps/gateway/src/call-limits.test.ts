import type { CallGuard, GuardAnswer } from "@sigilrt/manager";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CallLimits, limitCalls, type LimitTable } from "./call-limits.ts";

const none: LimitTable = {
  gateway: {},
  each: { workspace: {}, user: {}, plugin: {}, tool: {} },
  workspaces: new Map(),
  users: new Map(),
  plugins: new Map(),
  tools: new Map(),
};
interface Asked {
  readonly user?: string;
  readonly workspace?: string;
  readonly plugin?: string;
  readonly tool?: string;
  readonly permissions?: readonly string[];
}
const call = (asked: Asked = {}): Parameters<CallGuard>[0] => ({
  plugin: asked.plugin ?? "notes",
  tool: asked.tool ?? "list",
  arguments: {},
  principal: {
    user: asked.user ?? "ada",
    workspace: asked.workspace ?? "home",
    workspaceAllow: ["tool.*"],
    permissions: asked.permissions ?? ["tool.*"],
  },
});
function gate(table: Partial<LimitTable>): {
  readonly ask: (asked?: Asked) => GuardAnswer;
  readonly at: (now: number) => void;
  readonly replace: (next: Partial<LimitTable>) => void;
} {
  let now = 0;
  const limiter = limitCalls({ ...none, ...table }, { now: () => now });
  return {
    ask: (asked) => limiter.guard(call(asked)) as GuardAnswer,
    at: (time) => void (now = time),
    replace: (next) => limiter.replace({ ...none, ...next }),
  };
}
const end = (answer: GuardAnswer): void => {
  if (answer.ok) answer.release?.();
};
const user = (limits: CallLimits): Partial<LimitTable> => ({
  each: { ...none.each, user: limits },
});

describe("limits of calls", () => {
  it("let a minute's worth through, then say when the next may come", () => {
    const { ask, at } = gate(user({ rate: 3 }));
    expect([ask(), ask(), ask()]).toMatchObject([{ ok: true }, { ok: true }, { ok: true }]);
    expect(ask()).toEqual({ ok: false, retryAfterMs: 20_000 });
    at(19_999);
    expect(ask()).toEqual({ ok: false, retryAfterMs: 1 });
    at(20_000);
    expect([ask().ok, ask().ok, ask({ user: "ben" }).ok]).toEqual([true, false, true]);
    at(86_400_000);
    expect([ask(), ask(), ask(), ask()].map(({ ok }) => ok)).toEqual([true, true, true, false]);
    at(0);
    expect(ask().ok).toBe(false);
  });

  it("hold calls to a number at a time, and let the next in when one has ended", () => {
    const { ask } = gate(user({ concurrency: 2 }));
    const first = ask();
    expect([first.ok, ask().ok, ask()]).toEqual([true, true, { ok: false, retryAfterMs: 1_000 }]);
    end(first);
    expect([ask().ok, ask().ok]).toEqual([true, false]);
  });

  it("spend a budget once a day", () => {
    const { ask, at } = gate({ gateway: { budget: 2 } });
    at(86_400_000 - 5_000);
    expect([ask().ok, ask({ user: "ben" }).ok]).toEqual([true, true]);
    expect(ask({ user: "eve" })).toEqual({ ok: false, retryAfterMs: 5_000 });
    at(86_400_000);
    expect(ask().ok).toBe(true);
  });

  it.each([
    ["gateway", { gateway: { rate: 1 } }, {}],
    ["a workspace", { workspaces: new Map([["home", { rate: 1 }]]) }, { workspace: "other" }],
    ["a user", { users: new Map([["ada", { rate: 1 }]]) }, { user: "ben" }],
    ["a plugin", { plugins: new Map([["notes", { rate: 1 }]]) }, { plugin: "other" }],
    ["a tool", { tools: new Map([["notes.list", { rate: 1 }]]) }, { tool: "add" }],
  ])("of %s are counted by it", (what, table, other) => {
    const { ask } = gate(table);
    expect([ask().ok, ask().ok]).toEqual([true, false]);
    expect(ask(other).ok).toBe(what !== "gateway");
  });

  it("of one's own stand in place of those of everybody", () => {
    const { ask } = gate({ ...user({ rate: 1 }), users: new Map([["ada", { rate: 2 }]]) });
    expect([ask().ok, ask().ok, ask().ok]).toEqual([true, true, false]);
    expect([ask({ user: "ben" }).ok, ask({ user: "ben" }).ok]).toEqual([true, false]);
  });

  it("are not used up for others by somebody who may not make the call", () => {
    const { ask } = gate({
      ...user({ rate: 1_000 }),
      gateway: { rate: 2 },
      plugins: new Map([["notes", { budget: 2, concurrency: 1 }]]),
    });
    const eve = { user: "eve", permissions: ["tool.text.*"] };
    for (let each = 0; each < 50; each += 1) expect(ask(eve).ok).toBe(true);
    expect(ask().ok).toBe(true);
  });

  it("hold somebody who may not make the call to their own", () => {
    const { ask } = gate(user({ rate: 2 }));
    const eve = { user: "eve", permissions: [] };
    expect([ask(eve).ok, ask(eve).ok, ask(eve).ok]).toEqual([true, true, false]);
  });

  it("take nothing for a call that one of them stops", () => {
    const { ask } = gate({
      ...user({ rate: 5 }),
      tools: new Map([["notes.list", { concurrency: 1 }]]),
    });
    const first = ask();
    for (let each = 0; each < 20; each += 1) expect(ask().ok).toBe(false);
    end(first);
    const later = Array.from({ length: 6 }, () => {
      const answer = ask();
      end(answer);
      return answer.ok;
    });
    expect(later).toEqual([true, true, true, true, false, false]);
  });

  it("count on when the table is exchanged", () => {
    const { ask, replace } = gate(user({ budget: 2, concurrency: 5 }));
    const first = ask();
    replace(user({ budget: 2, concurrency: 1 }));
    expect(ask()).toEqual({ ok: false, retryAfterMs: 1_000 });
    end(first);
    expect([ask().ok, ask().ok]).toEqual([true, false]);
  });

  it("are never passed, whoever asks for what and whenever calls end", () => {
    const limits = fc.record(
      {
        rate: fc.integer({ min: 1, max: 6 }),
        concurrency: fc.integer({ min: 1, max: 3 }),
        budget: fc.integer({ min: 1, max: 8 }),
      },
      { requiredKeys: [] },
    );
    const step = fc.record({
      user: fc.constantFrom("ada", "ben"),
      tool: fc.constantFrom("list", "add"),
      afterMs: fc.nat(30_000),
      ends: fc.boolean(),
    });
    fc.assert(
      fc.property(
        limits,
        limits,
        limits,
        fc.array(step, { maxLength: 60 }),
        (all, each, tool, steps) => {
          const { ask, at } = gate({
            gateway: all,
            each: { ...none.each, user: each, tool },
          });
          const taken: {
            user: string;
            tool: string;
            time: number;
            answer: GuardAnswer;
            over: boolean;
          }[] = [];
          let time = 0;
          for (const { user: who, tool: what, afterMs, ends } of steps) {
            time += afterMs;
            at(time);
            const oldest = ends ? taken.find(({ over }) => !over) : undefined;
            if (oldest) {
              oldest.over = true;
              end(oldest.answer);
            }
            const answer = ask({ user: who, tool: what });
            if (answer.ok) taken.push({ user: who, tool: what, time, answer, over: false });
            for (const [held, about] of [
              [all, taken],
              [each, taken.filter((one) => one.user === who)],
              [tool, taken.filter((one) => one.tool === what)],
            ] as const) {
              const { rate = Infinity, concurrency = Infinity, budget = Infinity } = held;
              expect(about.filter(({ over }) => !over).length).toBeLessThanOrEqual(concurrency);
              expect(
                about.filter((one) => one.time >= time - (time % 86_400_000)).length,
              ).toBeLessThanOrEqual(budget);
              // A full bucket and what a minute adds to it.
              expect(about.filter((one) => one.time > time - 60_000).length).toBeLessThanOrEqual(
                2 * rate,
              );
            }
          }
        },
      ),
    );
  });

  it("let everything through when there are none", () => {
    const { ask } = gate({});
    for (let each = 0; each < 1_000; each += 1) expect(ask().ok).toBe(true);
  });
});
