import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { acceptUnverified } from "@sigilrt/integrity";
import type { ManagerEvent, PluginManager, PluginManagerOptions } from "@sigilrt/manager";
import { describe, expect, it } from "vitest";
import { calling, manifestOf, openWorkbench, type Workbench } from "./fixtures/workbench.ts";

interface Bench extends Workbench {
  readonly run: PluginManager;
  readonly events: AsyncIterableIterator<ManagerEvent>;
  /** Lets time pass until an event comes that is like this. */
  until(type: ManagerEvent["type"], generation?: number): Promise<ManagerEvent>;
}

const quiet = "health: {interval: 0s}\nlifecycle: {scope: shared, idle_stop: 0s}\n";
const version = (number: string): string => manifestOf("demo", quiet).replace("1.0.0", number);

/** A plugin that is followed, admitted and running. */
async function openBench(options: Partial<PluginManagerOptions> = {}): Promise<Bench> {
  const bench = openWorkbench();
  bench.plugin("demo", version("1.0.0"), { "main.js": "// one\n" });
  mkdirSync(join(bench.folder, "plugins/demo/lib"));
  const run = bench.manager({
    verifier: acceptUnverified(),
    watch: { debounceMs: 200 },
    ...options,
  });
  await run.discover();
  await run.start("demo");
  const events = run.events();
  const until: Bench["until"] = (type, generation = 0) =>
    untilEvent(
      bench,
      events,
      (event) => event.type === type && (event.generation ?? 0) >= generation,
    );
  return Object.assign(bench, { run, events, until });
}

/** Lets time pass until an event comes. */
async function untilEvent(
  bench: Workbench,
  events: AsyncIterableIterator<ManagerEvent>,
  isIt: (event: ManagerEvent) => boolean,
): Promise<ManagerEvent> {
  const seen = (async (): Promise<ManagerEvent> => {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one event after the other
      const { done, value } = await events.next();
      if (done === true) throw new Error("No such event came");
      if (isIt(value)) return value;
    }
  })();
  const settled = new AbortController();
  const stop = (): void => settled.abort();
  seen.then(stop, stop);
  while (!settled.signal.aborted) {
    // oxlint-disable-next-line no-await-in-loop -- the system tells of files in its own time
    await setImmediate();
    // oxlint-disable-next-line no-await-in-loop -- as above
    await bench.clock.advance(10);
  }
  return seen;
}

/** Lets much time pass, and the system tell of whatever it has to tell. */
async function rest(bench: Workbench): Promise<void> {
  for (let turn = 0; turn < 500; turn += 1) {
    // oxlint-disable-next-line no-await-in-loop -- as above
    await setImmediate();
    // oxlint-disable-next-line no-await-in-loop -- as above
    await bench.clock.advance(10);
  }
}

describe("following plugin folders", () => {
  it("reloads a plugin whose content changed, once it rests", async () => {
    await using bench = await openBench();
    bench.plugin("demo", version("1.1.0"));
    expect(await bench.until("reload.completed")).toMatchObject({ plugin: "demo" });
    expect(bench.run.get("demo").version).toBe("1.1.0");
    expect(bench.host.running).toEqual(["demo-2"]);
  });

  it("waits as long as files change, and not for ever", async () => {
    await using bench = await openBench();
    const file = join(bench.folder, "plugins/demo/main.js");
    let writes = 0;
    const before = bench.clock.now();
    while (bench.host.starts.length < 2) {
      writes += 1;
      writeFileSync(file, `// ${writes}\n`);
      // oxlint-disable-next-line no-await-in-loop -- the system tells of files in its own time
      await setImmediate();
      // oxlint-disable-next-line no-await-in-loop -- never at rest for as long as the delay
      await bench.clock.advance(100);
    }
    expect(bench.clock.now() - before).toBeGreaterThanOrEqual(2_000);
  });

  it("hears of a file in a folder of the plugin, and in one that came later", async () => {
    await using bench = await openBench();
    const lib = join(bench.folder, "plugins/demo/lib");
    writeFileSync(join(lib, "a.js"), "// a\n");
    await bench.until("reload.completed");
    mkdirSync(join(lib, "deep"));
    writeFileSync(join(lib, "deep/b.js"), "// b\n");
    await bench.until("reload.completed");
    await rest(bench);
    writeFileSync(join(lib, "deep/b.js"), "// c\n");
    await bench.until("reload.completed");
    expect(bench.host.running).toHaveLength(1);
  });

  it("does nothing when a file was touched and its content is the same", async () => {
    await using bench = await openBench();
    const file = join(bench.folder, "plugins/demo/main.js");
    writeFileSync(file, "// one\n");
    utimesSync(file, 1, 1);
    await rest(bench);
    bench.plugin("demo", version("1.1.0"));
    await bench.until("reload.completed");
    expect(bench.host.starts).toHaveLength(2);
  });

  it("admits a plugin that comes, and unregisters one that goes", async () => {
    await using bench = await openBench();
    bench.plugin("other");
    expect(await bench.until("plugin.discovered")).toMatchObject({ plugin: "other" });
    expect(await bench.run.call(calling("other"))).toMatchObject({ kind: "completed" });
    rmSync(join(bench.folder, "plugins/demo"), { recursive: true });
    await bench.until("generation.published", 3);
    expect(bench.run.list().map(({ name }) => name)).toEqual(["other"]);
  });

  it("publishes nothing that the gates refuse, says so, and serves with what ran", async () => {
    await using bench = await openBench();
    bench.plugin("demo", "name: [");
    expect(await bench.until("reload.refused")).toMatchObject({ plugin: "demo" });
    expect(await bench.run.call(calling("demo"))).toMatchObject({ kind: "completed" });
    expect(bench.run.get("demo").version).toBe("1.0.0");
  });

  it("with a lock refuses what is not locked", async () => {
    await using bench = await openBench();
    const lockPath = await bench.lock({}, "1.0.0");
    const followed = openWorkbench();
    const run = followed.manager({
      directories: [join(bench.folder, "plugins")],
      lockPath,
      watch: { debounceMs: 200 },
    });
    await run.discover();
    const events = run.events();
    writeFileSync(join(bench.folder, "plugins/demo/extra.js"), "// evil\n");
    const told = untilEvent(followed, events, ({ type }) => type === "reload.refused");
    expect(await told).toMatchObject({ plugin: "demo", reason: "integrity_mismatch" });
    await followed[Symbol.asyncDispose]();
  });

  it("follows no link out of the plugins' folder", async () => {
    await using bench = await openBench();
    const outside = join(bench.folder, "outside");
    mkdirSync(outside);
    symlinkSync(outside, join(bench.folder, "plugins/linked"));
    const { generation = 0 } = await bench.until("generation.published");
    await rest(bench);
    writeFileSync(join(outside, "plugin.yaml"), "x");
    await rest(bench);
    // What is followed is heard of later than what came before it.
    bench.plugin("demo", version("1.1.0"));
    expect(await bench.until("reload.completed")).toMatchObject({ generation: generation + 1 });
  });

  it("does not follow without being asked, nor after the end", async () => {
    await using bench = await openBench({ watch: undefined as never });
    bench.plugin("demo", version("1.1.0"));
    await rest(bench);
    expect(bench.run.get("demo").version).toBe("1.0.0");
    const followed = await openBench();
    await followed.run.close();
    followed.plugin("demo", version("1.1.0"));
    await rest(followed);
    expect(followed.host.starts).toHaveLength(1);
    expect(followed.clock.sleeping).toBe(0);
    await followed[Symbol.asyncDispose]();
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 60_001])(
    "is not made with a delay of %s",
    async (debounceMs) => {
      await using bench = openWorkbench();
      expect(() => bench.manager({ watch: { debounceMs } })).toThrow(RangeError);
    },
  );
});
