import { setTimeout as pause } from "node:timers/promises";
import type { RunningPlugin, StartSpec } from "@sigilrt/lifecycle";
import { count } from "@sigilrt/testing/counts";
import { expect, it } from "vitest";
import type { RunningProcess } from "./index.ts";
import { collect } from "./testing/collect.ts";
import { fixtureSpec, processFixture } from "./testing/process-fixture.ts";

const { signal } = new AbortController();
const call = (plugin: RunningPlugin, tool: string) =>
  collect(
    plugin.call(
      {
        tool,
        arguments: tool === "flood" ? { bytes: 10 ** 7 } : {},
        requestId: tool,
        principal: { workspace: "w", user: "u" },
      },
      { signal, deadlineAt: Date.now() + 20_000 },
    ),
  );

/** Starts that must fail. */
const refused: readonly (readonly [string, string])[] = [
  ["line", "not a handshake"],
  ["line", `1|1|unix|${"x".repeat(65_536)}|grpc`],
  ["line", "1|1|unix|SOCKET|grpc||true|extra"],
  ["line", `1|1|unix|SOCKET|grpc|${"A".repeat(52)}=`],
  ["line", "1|1|unix|SOCKET|netrpc"],
  ["line", "1|9|unix|SOCKET|grpc"],
  ["line", "1|1|tcp|192.0.2.1:80|grpc"],
  ["line", "1|1|unix|/var/run/other.sock|grpc"],
  ["endless", ""],
  ["chatter", ""],
  ["gone", ""],
  ["link", ""],
  ["babble", ""],
  ["mux-claimed", ""],
  ["deaf", ""],
  ["unwell", ""],
  ["unwilling", ""],
];
/** Plugins that start, and break a rule when they are called. */
const misbehaving: readonly (readonly [string, string, string])[] = [
  ["crash", "crash", ""],
  ["echo", "hangup", ""],
  ["echo", "late", ""],
  ["echo", "twice", ""],
  ["flood", "flood", ""],
  ["mux", "misbehave", "000100010000000100000000"],
  ["mux", "misbehave", "0001000000000001ffffffff"],
];

it("leaves nothing behind, and no memory, after rounds with every hostile plugin", async () => {
  await using fixture = await processFixture({ broker: { multiplex: "auto" } });
  const { host, token } = fixture;
  /** What never says a word is not waited for long. */
  const hasty = (spec: StartSpec): StartSpec => ({
    ...spec,
    limits: { ...spec.limits, startMs: 3000 },
  });
  const rows = [
    ...refused.map(([mode, detail]) => async (): Promise<unknown> => {
      await using plugin = await host.start(mode, hasty(fixtureSpec(mode, token, detail)));
      return plugin;
    }),
    ...misbehaving.map(([mode, tool, detail]) => async (): Promise<unknown> => {
      await using plugin = await host.start(mode, fixtureSpec(mode, token, detail));
      return await call(plugin, tool);
    }),
    async (): Promise<unknown> => {
      const plugin = (await host.start("stubborn", fixture.stubborn)) as RunningProcess;
      const report = await plugin.close({ signal: AbortSignal.abort() });
      throw report.cause === "killed" ? new Error("killed") : new TypeError(report.cause);
    },
  ];
  let rssAfterTenth = 0;
  const rounds = count("rounds");
  for (let round = 0; round < rounds; round += 1) {
    // Seven on, so that few rounds meet each kind.
    const row = rows[(round * 7) % rows.length];
    // oxlint-disable-next-line no-await-in-loop -- one hostile plugin after the other
    await expect(row?.()).rejects.not.toBeInstanceOf(TypeError);
    // oxlint-disable-next-line no-await-in-loop -- each round leaves nothing
    expect([await fixture.liveProcesses(), await fixture.leftovers()]).toEqual([0, []]);
    if (round === Math.floor(rounds / 10)) rssAfterTenth = process.memoryUsage().rss;
  }
  expect(process.memoryUsage().rss).toBeLessThan(rssAfterTenth + 2 ** 26);
});

it("takes no more memory for many calls than for a tenth of them", async () => {
  await using fixture = await processFixture();
  await using plugin = await fixture.host.start("echo", fixture.echo);
  const calls = count("calls");
  const rss = async (): Promise<number> => {
    // What has settled is let go of in the turns after.
    await pause(50);
    return process.memoryUsage().rss;
  };
  let early = 0;
  for (let made = 0; made < calls; made += 10) {
    // oxlint-disable-next-line no-await-in-loop -- ten at once
    await Promise.all(Array.from({ length: 10 }, () => call(plugin, "echo")));
    // oxlint-disable-next-line no-await-in-loop -- once
    if (made + 10 === calls / 10) early = await rss();
  }
  // What few calls make has not been compiled yet: the ratio holds from ten thousand on.
  const grown = (await rss()) / early;
  expect(grown).toBeLessThanOrEqual(calls >= 100_000 ? 1.1 : 2);
});
