import { acceptUnverified } from "@sigilrt/integrity";
import type { ManagerEvent } from "@sigilrt/manager";
import { expect, it } from "vitest";
import { EventFeed } from "./events.ts";
import { calling, manifestOf, openWorkbench } from "./fixtures/workbench.ts";

const manifest = (version: string): string =>
  manifestOf("demo", "lifecycle: { scope: shared, hot_reload: true }\n").replace("1.0.0", version);

async function read(events: AsyncIterable<ManagerEvent>): Promise<readonly ManagerEvent[]> {
  const all: ManagerEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

it("tells what happens to a plugin from its discovery to its end", async () => {
  await using bench = openWorkbench();
  bench.plugin("demo", manifest("1.0.0"));
  bench.plugin("broken", "name: [");
  const manager = bench.manager({ verifier: acceptUnverified() });
  const events = manager.events();
  await manager.discover();
  await manager.call(calling("demo"));
  bench.plugin("demo", manifest("2.0.0"));
  await manager.reload("demo");
  bench.plugin("demo", "name: [");
  await manager.reload("demo");
  bench.host.crash("demo-2");
  await bench.clock.advance(0);
  await manager.close();
  const all = await read(events);
  expect(all.map(({ type, reason = "" }) => `${type} ${reason}`.trim())).toEqual([
    "plugin.skipped schema_violation",
    "plugin.discovered",
    "plugin.admitted",
    "generation.published",
    "plugin.starting",
    "instance.opened",
    "plugin.running",
    "plugin.starting",
    "instance.opened",
    "plugin.running",
    "plugin.admitted",
    "generation.published",
    "plugin.draining",
    "plugin.stopped requested",
    "instance.closed requested",
    "reload.completed",
    "reload.refused schema_violation",
    "plugin.crashed crashed",
    "instance.closed crashed",
    "plugin.restarting",
  ]);
  expect(all.every(({ dropped }) => dropped === 0)).toBe(true);
});

it("keeps 1,024 events for a reader that stalls, counts the others, and delays nobody", async () => {
  const feed = new EventFeed({ now: () => 7 });
  const slow = feed.read(undefined);
  const quick = feed.read(undefined);
  for (let generation = 0; generation < 2_000; generation += 1) {
    feed.tell("generation.published", { generation });
    // oxlint-disable-next-line no-await-in-loop -- this one keeps up
    expect((await quick.next()).value).toMatchObject({ generation, dropped: 0 });
  }
  feed.end();
  const [first, second, ...rest] = await read(slow);
  expect(first).toEqual({ type: "generation.published", at: 7, generation: 976, dropped: 976 });
  expect(second).toMatchObject({ generation: 977, dropped: 0 });
  expect(rest).toHaveLength(1_022);
});

it("ends with its signal, with its reader and with the feed", async () => {
  const feed = new EventFeed({ now: () => 0 });
  const abort = new AbortController();
  const aborted = feed.read(abort.signal);
  const waiting = aborted.next();
  abort.abort();
  expect(await waiting).toEqual({ done: true, value: undefined });
  const left = feed.read(undefined);
  feed.tell("plugin.stopped");
  await left.return?.();
  expect(await left.next()).toMatchObject({ done: true });
  expect(await feed.read(AbortSignal.abort()).next()).toMatchObject({ done: true });
  feed.end();
  expect(await feed.read(undefined).next()).toMatchObject({ done: true });
});
