import { readdir } from "node:fs/promises";
import type { RunningPlugin, StartSpec } from "@sigilrt/lifecycle";
import { count } from "@sigilrt/testing/counts";
import { expect, it } from "vitest";
import type { RunningProcess } from "./index.ts";
import { collect } from "./testing/collect.ts";
import { fixtureSpec, processFixture } from "./testing/process-fixture.ts";
import { settledMemory } from "./testing/settled-memory.ts";

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

/** What this process holds: MiB of memory without garbage, and open descriptors, sockets among them. */
async function held() {
  const { rss, heap } = await settledMemory();
  return {
    rss: Math.round(rss / 2 ** 20),
    heap: Math.round(heap / 2 ** 20),
    descriptors: (await readdir("/proc/self/fd")).length,
  };
}

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

it("leaves nothing behind, and no memory, after rounds with every hostile plugin", async ({
  annotate,
}) => {
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
  const figures: Awaited<ReturnType<typeof held>>[] = [];
  const rounds = count("rounds");
  for (let round = 0; round < rounds; round += 1) {
    // Seven on, so that few rounds meet each kind.
    const row = rows[(round * 7) % rows.length];
    // oxlint-disable-next-line no-await-in-loop -- one hostile plugin after the other
    await expect(row?.()).rejects.not.toBeInstanceOf(TypeError);
    // oxlint-disable-next-line no-await-in-loop -- each round leaves nothing
    expect([await fixture.liveProcesses(), await fixture.leftovers()]).toEqual([0, []]);
    // oxlint-disable-next-line no-await-in-loop -- ten times
    if ((round + 1) % Math.ceil(rounds / 10) === 0) figures.push(await held());
  }
  const [early, late] = [figures[0], figures.at(-1)];
  await annotate(
    `${rounds} rounds, no process or folder left; after each tenth: ${JSON.stringify(figures)}`,
  );
  expect(figures).toHaveLength(10);
  // 65 MiB were seen for a thousand rounds, and less from tenth to tenth; by itself a host keeps half a kilobyte of a refused start.
  expect((late?.rss ?? 0) - (early?.rss ?? 0)).toBeLessThan(96);
  expect((late?.descriptors ?? 0) - (early?.descriptors ?? 0)).toBeLessThanOrEqual(2);
});
