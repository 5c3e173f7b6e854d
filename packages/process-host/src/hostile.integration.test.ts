import { once } from "node:events";
import type { RunningPlugin } from "@sigilrt/lifecycle";
import { describe, expect, it } from "vitest";
import { collect } from "./testing/collect.ts";
import { fixtureSpec, processFixture } from "./testing/process-fixture.ts";

const call = (plugin: RunningPlugin, tool: string, signal = new AbortController().signal) =>
  collect(
    plugin.call(
      { tool, arguments: {}, requestId: tool, principal: { workspace: "w", user: "u" } },
      { signal, deadlineAt: Date.now() + 60_000 },
    ),
  );

describe("a hostile plugin", () => {
  it.each(["endless", "packed"])("cannot fill the host with headers: %s", async (kind) => {
    await using fixture = await processFixture();
    const plugin = await fixture.host.start("bomb", fixtureSpec("bomb", fixture.token, kind));
    const before = process.memoryUsage().rss;
    await expect(call(plugin, "misbehave")).rejects.toMatchObject({
      code: "CRASHED",
      cause: { code: "PLUGIN_UNAVAILABLE" },
    });
    expect(await plugin.exited).toMatchObject({ signal: "SIGKILL" });
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 26);
    await plugin.close();
    expect([await fixture.liveProcesses(), await fixture.leftovers()]).toEqual([0, []]);
    await using other = await fixture.host.start("echo", fixture.echo);
    expect(await call(other, "echo")).toHaveLength(1);
  });

  it("that asks without end is heard 128 times at once, and harms no call", async () => {
    const full = Promise.withResolvers<void>();
    let [asking, most] = [0, 0];
    await using fixture = await processFixture({
      callbacks: {
        kvGet: async (_, context) => {
          asking += 1;
          most = Math.max(most, asking);
          if (asking === 128) full.resolve();
          if (!context.signal.aborted) await once(context.signal, "abort");
          asking -= 1;
          return undefined;
        },
      },
    });
    const spec = fixtureSpec("asks-without-end", fixture.token);
    const plugin = await fixture.host.start("asks-without-end", spec);
    await full.promise;
    const stop = new AbortController();
    const flooding = call(plugin, "misbehave", stop.signal);
    expect(await call(plugin, "echo")).toHaveLength(1);
    stop.abort();
    await expect(flooding).rejects.toMatchObject({ code: "CANCELLED" });
    await plugin.close();
    expect([asking, most]).toEqual([0, 128]);
    expect([await fixture.liveProcesses(), await fixture.leftovers()]).toEqual([0, []]);
  });
});
