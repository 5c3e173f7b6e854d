import { acceptUnverified } from "@sigilrt/integrity";
import type { PluginHost } from "@sigilrt/lifecycle";
import type { FakePlugin } from "@sigilrt/lifecycle/testing";
import type { PluginManager, PluginManagerOptions } from "@sigilrt/manager";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Dependents, heldBack, loopOf, startOrder } from "./dependencies.ts";
import { calling, manifestOf, openWorkbench, type Workbench } from "./fixtures/workbench.ts";

type Needs = Readonly<Record<string, readonly string[]>>;

const graph = (needs: Needs): Dependents =>
  new Map(
    Object.entries(needs).map(([name, needed]) => {
      const dependencies = Object.fromEntries(needed.map((other) => [other, "*"]));
      return [name, { manifest: { version: "1.0.0", dependencies } }];
    }),
  );

/** Graphs of up to 12 plugins, with loops and with needs that nobody meets. */
const graphs = fc
  .array(fc.array(fc.nat(13), { maxLength: 4 }), { maxLength: 12 })
  .map((needs) =>
    graph(Object.fromEntries(needs.map((needed, at) => [`p${at}`, needed.map((n) => `p${n}`)]))),
  );

const needsOf = (plugins: Dependents, name: string): readonly string[] =>
  Object.keys(plugins.get(name)?.manifest.dependencies ?? {}).filter((other) => plugins.has(other));

/** Whether a way leads from one plugin to another, found by looking everywhere. */
function reaches(plugins: Dependents, from: string, to: string): boolean {
  const seen = new Set(needsOf(plugins, from));
  for (const name of seen) for (const other of needsOf(plugins, name)) seen.add(other);
  return seen.has(to);
}

describe("the order of starts", () => {
  it("names each plugin once, after all it depends on, unless a loop holds it, and ties by name", () => {
    fc.assert(
      fc.property(graphs, (plugins) => {
        const order = startOrder(plugins);
        expect(order.toSorted()).toEqual([...plugins.keys()].toSorted());
        const isHeld = (name: string): boolean =>
          [...plugins.keys()].some(
            (other) =>
              reaches(plugins, other, other) && (other === name || reaches(plugins, name, other)),
          );
        const free = order.filter((name) => !isHeld(name));
        expect(order.slice(0, free.length)).toEqual(free);
        for (const [place, name] of free.entries()) {
          const before = new Set(free.slice(0, place));
          for (const needed of needsOf(plugins, name)) expect(before.has(needed)).toBe(true);
          // Whoever could have come here instead has a greater name.
          const ready = free
            .slice(place)
            .filter((other) => needsOf(plugins, other).every((needed) => before.has(needed)));
          expect(name).toBe(ready.toSorted()[0]);
        }
      }),
    );
  });

  it("does not depend on the order in which plugins were found", () => {
    fc.assert(
      fc.property(graphs, (plugins) => {
        const turned = new Map([...plugins].toReversed());
        expect(startOrder(turned)).toEqual(startOrder(plugins));
      }),
    );
  });

  it("finds a loop where there is one, and shows one that exists", () => {
    fc.assert(
      fc.property(graphs, (plugins) => {
        for (const name of plugins.keys()) {
          const loop = loopOf(plugins, name);
          expect(loop !== undefined).toBe(reaches(plugins, name, name));
          const steps = (loop ?? [])
            .slice(1)
            .map((to, place) => ({ from: loop?.[place] ?? "", to }));
          expect(steps.every(({ from, to }) => needsOf(plugins, from).includes(to))).toBe(true);
          const ends = loop ? [loop[0], loop.at(-1)] : [name, name];
          expect(ends).toEqual([name, name]);
        }
      }),
    );
  });

  it("ends with a chain of 10,000", () => {
    const chain = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, at) => [`p${at}`, at > 0 ? [`p${at - 1}`] : []]),
    );
    const plugins = graph(chain);
    expect(startOrder(plugins)).toEqual(Object.keys(chain));
    expect([loopOf(plugins, "p9999"), heldBack(plugins, "p9999")]).toEqual([undefined, undefined]);
  });
});

const manifest = (needs: Readonly<Record<string, string>>, more = ""): string =>
  `dependencies: ${JSON.stringify(needs)}\nlifecycle: {scope: shared}\n${more}`;

interface Bench extends Workbench {
  readonly run: PluginManager;
  readonly starts: () => readonly string[];
}

async function openBench(
  manifests: Readonly<Record<string, string>>,
  options: Partial<PluginManagerOptions> = {},
  start?: (id: string) => Promise<void>,
): Promise<Bench> {
  const bench = openWorkbench({
    plugin: (id): FakePlugin => ({
      ...(start ? { start: () => start(id) } : {}),
      tools: {
        async *echo() {
          yield await Promise.resolve({ kind: "result", isError: false } as const);
        },
      },
    }),
  });
  for (const [name, more] of Object.entries(manifests)) bench.plugin(name, manifestOf(name, more));
  const run = bench.manager({ verifier: acceptUnverified(), ...options });
  const starts = (): readonly string[] => bench.host.starts.map(({ spec }) => spec.identity.plugin);
  return Object.assign(bench, { run, starts });
}

describe("plugins that depend on others", () => {
  const diamond = {
    top: manifest({ left: "^1.0.0", right: "*" }),
    left: manifest({ base: "1.x" }),
    right: manifest({ base: "*" }),
    base: manifest({}),
    apart: manifest({}),
  };

  it("starts what a plugin needs before it, and no other", async () => {
    await using bench = await openBench(diamond);
    await bench.run.discover();
    expect(await bench.run.call(calling("top"))).toMatchObject({ kind: "completed" });
    expect(bench.starts()).toEqual(["base", "left", "right", "top"]);
  });

  it("stops them in reverse", async () => {
    await using bench = await openBench(diamond, { eager: Object.keys(diamond) });
    await bench.run.discover();
    expect(bench.starts().toSorted()).toEqual(Object.keys(diamond).toSorted());
    const events = bench.run.events();
    await bench.run.stop("base");
    expect(bench.host.running.map((id) => id.split("-")[0])).toEqual(["apart"]);
    await bench.run.close();
    const stopped: (string | undefined)[] = [];
    for await (const { type, plugin } of events) {
      if (type === "plugin.stopped") stopped.push(plugin);
    }
    expect(stopped.slice(0, 4)).toEqual(["top", expect.any(String), expect.any(String), "base"]);
  });

  it("stops them in reverse when it is closed", async () => {
    await using bench = await openBench(diamond, { eager: ["top"] });
    await bench.run.discover();
    const events = bench.run.events();
    await bench.run.close();
    const stopped: (string | undefined)[] = [];
    for await (const { type, plugin } of events) {
      if (type === "plugin.stopped") stopped.push(plugin);
    }
    expect([stopped[0], stopped.at(-1), stopped.length]).toEqual(["top", "base", 4]);
  });

  it("does not stop a plugin before what needs it is gone", async () => {
    const gone = Promise.withResolvers<void>();
    await using bench = await openBench({ top: manifest({ base: "*" }), base: manifest({}) });
    const slow: PluginHost = {
      adapters: bench.host.adapters,
      start: async (id, ...rest) => {
        const running = await bench.host.start(id, ...rest);
        const end = running.close.bind(running);
        if (id.startsWith("top")) running.close = () => gone.promise.then(() => end());
        return running;
      },
      close: () => bench.host.close(),
      [Symbol.asyncDispose]: () => bench.host.close(),
    };
    const run = bench.manager({ verifier: acceptUnverified(), hosts: { grpc: slow } });
    await run.discover();
    await run.call(calling("top"));
    const stopping = run.stop("base");
    await bench.clock.advance(100_000);
    expect(bench.host.running).toEqual(["base-1", "top-1"]);
    gone.resolve();
    await stopping;
    expect(bench.host.running).toEqual([]);
  });

  it("does not stop an idle plugin while one that needs it runs", async () => {
    await using bench = await openBench({
      top: `dependencies: {base: "*"}\nlifecycle: {scope: shared, idle_stop: 5m}\n`,
      base: "lifecycle: {scope: shared, idle_stop: 1m}\n",
    });
    await bench.run.discover();
    await bench.run.call(calling("top"));
    await bench.clock.advance(200_000);
    expect(bench.host.running).toEqual(["base-1", "top-1"]);
    await bench.clock.advance(200_000);
    expect(bench.host.running).toEqual([]);
  });

  it.each([
    ["is not there", {}, '"base" *, which is not admitted'],
    [
      "has another version",
      { base: manifest({}) },
      '"base" ^2.0.0, which is here in version 1.0.0',
    ],
  ])(
    "holds back who needs a plugin that %s, directly or not, and nobody else",
    async (_why, rest, state) => {
      const range = "base" in rest ? "^2.0.0" : "*";
      await using bench = await openBench({
        top: manifest({ middle: "*" }),
        middle: manifest({ base: range }),
        apart: manifest({}),
        ...rest,
      });
      const { admitted } = await bench.run.discover();
      expect(admitted.map(({ plugin }) => plugin)).toEqual(
        expect.arrayContaining(["top", "middle"]),
      );
      expect(bench.run.get("middle").reason).toBe(`it needs ${state}`);
      expect(bench.run.get("top").reason).toBe(`"middle" needs ${state}`);
      for (const name of ["top", "middle"]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await expect(bench.run.start(name)).rejects.toThrow(
          expect.objectContaining({ code: "DEPENDENCY_MISSING", plugin: name }),
        );
      }
      expect(bench.starts()).toEqual([]);
      expect(await bench.run.call(calling("apart"))).toMatchObject({ kind: "completed" });
      bench.plugin("base", manifestOf("base", manifest({})).replace("1.0.0", "2.0.0"));
      await bench.run.discover();
      expect(await bench.run.call(calling("top"))).toMatchObject({ kind: "completed" });
    },
  );

  it("holds back who needs a plugin that does not start, and counts no crash against them", async () => {
    let isBroken = true;
    await using bench = await openBench(
      { top: manifest({ base: "*" }), base: manifest({}) },
      { restart: { quarantineAfter: 100 } },
      (id) =>
        isBroken && id.startsWith("base")
          ? Promise.reject(new Error("no disk"))
          : Promise.resolve(),
    );
    await bench.run.discover();
    for (let tries = 0; tries < 6; tries += 1) {
      const call = bench.run.call(calling("top"));
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await bench.clock.advance(60_000);
      // oxlint-disable-next-line no-await-in-loop -- as above
      expect(await call).toMatchObject({ kind: "unavailable", reason: "crashed" });
    }
    expect(bench.run.get("top")).toMatchObject({ state: "discovered" });
    expect(bench.run.get("top").reason).toContain('"base", which it needs, does not run');
    isBroken = false;
    await bench.run.start("base", { clearQuarantine: true });
    expect(await bench.run.call(calling("top"))).toMatchObject({ kind: "completed" });
    expect(bench.run.get("top").reason).toBeUndefined();
  });

  it("refuses the members of a loop, names it, and holds back who needs them", async () => {
    await using bench = await openBench({
      a: manifest({ b: "*" }),
      b: manifest({ c: "*" }),
      c: manifest({ a: "*" }),
      outside: manifest({ a: "*" }),
      apart: manifest({}),
    });
    const { admitted, rejected } = await bench.run.discover();
    expect(admitted.map(({ plugin }) => plugin)).toEqual(["apart", "outside"]);
    expect(rejected.map(({ plugin, code }) => [plugin, code])).toEqual(
      ["a", "b", "c"].map((name) => [name, "DEPENDENCY_CYCLE"]),
    );
    expect(rejected[1]?.message).toContain("b needs c needs a needs b");
    expect(rejected[1]?.dir).toContain("plugins/b");
    await expect(bench.run.start("outside")).rejects.toThrow(
      expect.objectContaining({ code: "DEPENDENCY_MISSING" }),
    );
    expect(await bench.run.call(calling("apart"))).toMatchObject({ kind: "completed" });
  });

  it("does not let a reload close a loop, and leaves what ran before", async () => {
    await using bench = await openBench({ a: manifest({ b: "*" }), b: manifest({}) });
    await bench.run.discover();
    await bench.run.call(calling("a"));
    bench.plugin("b", manifestOf("b", manifest({ a: "*" })));
    expect(await bench.run.reload("b")).toMatchObject({
      kind: "refused",
      refusal: { code: "DEPENDENCY_CYCLE", message: expect.stringContaining("b needs a needs b") },
      previous: "kept",
    });
    expect(bench.host.running).toHaveLength(2);
  });

  it("does not publish a version whose dependency is missing", async () => {
    await using bench = await openBench({ a: manifest({}) });
    await bench.run.discover();
    await bench.run.call(calling("a"));
    bench.plugin("a", manifestOf("a", manifest({ ghost: "*" })));
    expect(await bench.run.reload("a")).toMatchObject({
      kind: "refused",
      refusal: { code: "DEPENDENCY_MISSING" },
      previous: "restarted",
    });
    expect(await bench.run.call(calling("a"))).toMatchObject({ kind: "completed" });
  });
});
