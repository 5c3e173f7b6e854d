import { describe, expect, it } from "vitest";
import { rateLimit } from "./rate-limit.ts";

const call = (user: string): Parameters<ReturnType<typeof rateLimit>>[0] => ({
  plugin: "notes",
  tool: "list",
  arguments: {},
  principal: { user, workspace: "home", workspaceAllow: [], permissions: [] },
});

describe("a rate limit", () => {
  it("lets a minute's worth through, then says when the next call may come", async () => {
    let now = 0;
    const guard = rateLimit(3, { now: () => now });
    const ask = (user = "ada"): unknown => guard(call(user));
    expect([ask(), ask(), ask()]).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
    expect(ask()).toEqual({ ok: false, retryAfterMs: 20_000 });
    now = 19_999;
    expect(ask()).toEqual({ ok: false, retryAfterMs: 1 });
    now = 20_000;
    expect(ask()).toEqual({ ok: true });
    expect(ask()).toMatchObject({ ok: false });
    expect(ask("ben")).toEqual({ ok: true });
  });

  it("saves up no more than a minute's worth, and a clock that goes back gives nothing", () => {
    let now = 0;
    const guard = rateLimit(2, { now: () => now });
    void guard(call("ada"));
    now = 86_400_000;
    const answers = [guard(call("ada")), guard(call("ada")), guard(call("ada"))];
    expect(answers).toMatchObject([{ ok: true }, { ok: true }, { ok: false }]);
    now = 0;
    expect(guard(call("ada"))).toMatchObject({ ok: false });
  });
});
