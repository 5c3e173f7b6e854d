import { context, metrics, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { acceptUnverified } from "@sigilrt/integrity";
import type { HostCall } from "@sigilrt/lifecycle";
import type { PluginManager, PluginManagerOptions } from "@sigilrt/manager";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  calling,
  everybody,
  manifestOf,
  openWorkbench,
  type Workbench,
} from "./fixtures/workbench.ts";

const points = new InMemoryMetricExporter(AggregationTemporality.DELTA);
const reader = new PeriodicExportingMetricReader({
  exporter: points,
  exportIntervalMillis: 2_000_000_000,
});
const spans = new InMemorySpanExporter();

beforeAll(() => {
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }),
  );
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});

beforeEach(async () => {
  await reader.forceFlush();
  points.reset();
  spans.reset();
});

afterAll(() => {
  metrics.disable();
  trace.disable();
  context.disable();
});

interface Point {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: unknown;
}

/** What was measured since the last time. */
async function measured(): Promise<readonly Point[]> {
  await reader.forceFlush();
  const found = points
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap((scope) => scope.metrics)
    .flatMap(({ descriptor: { name }, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => ({ name, attributes, value })),
    );
  points.reset();
  return found;
}

interface Bench extends Workbench {
  readonly run: PluginManager;
  readonly calls: HostCall[];
}

async function openBench(
  options: Partial<PluginManagerOptions> = {},
  more = "lifecycle: {scope: shared}\n",
): Promise<Bench> {
  const calls: HostCall[] = [];
  const bench = openWorkbench({
    plugin: () => ({
      tools: {
        async *echo(call) {
          calls.push(call);
          yield await Promise.resolve({ kind: "result", isError: false } as const);
        },
        async *hang() {
          yield await new Promise<never>(() => undefined);
        },
        async *crash(_call, { crash }) {
          await Promise.resolve();
          crash();
          yield { kind: "result", isError: false };
        },
      },
    }),
  });
  bench.plugin("demo", manifestOf("demo", more));
  const run = bench.manager({ verifier: acceptUnverified(), ...options });
  await run.discover();
  return Object.assign(bench, { run, calls });
}

const demo = { plugin: "demo" };
const byName = (found: readonly Point[], name: string): unknown =>
  found.filter((point) => point.name === name).map(({ attributes, value }) => [attributes, value]);
const finished = (): readonly { readonly name: string; readonly parent: string | undefined }[] => {
  const all = spans.getFinishedSpans();
  return all.map(({ name, parentSpanContext }) => ({
    name,
    parent: all.find((other) => other.spanContext().spanId === parentSpanContext?.spanId)?.name,
  }));
};

describe("metrics", () => {
  it("count calls by plugin, tool and outcome, and time them", async () => {
    await using bench = await openBench();
    await bench.run.call(calling("demo"));
    await bench.run.call(calling("demo"));
    await bench.run.call(calling("demo", "echo", { principal: { ...everybody, permissions: [] } }));
    const found = await measured();
    expect(byName(found, "sigil.plugin.calls")).toEqual([
      [{ ...demo, tool: "echo", outcome: "ok" }, 2],
      [{ ...demo, tool: "unknown", outcome: "not_allowed" }, 1],
    ]);
    expect(byName(found, "sigil.plugin.call.duration")).toEqual([
      [{ ...demo, outcome: "ok" }, expect.objectContaining({ count: 2 })],
      [{ ...demo, outcome: "not_allowed" }, expect.objectContaining({ count: 1 })],
    ]);
    expect(byName(found, "sigil.decision.denied")).toEqual([
      [{ ...demo, reason: "user_not_allowed" }, 1],
    ]);
    expect(byName(found, "sigil.plugin.calls.active")).toEqual([[demo, 0]]);
    expect(byName(found, "sigil.generation")).toEqual([[{}, 1]]);
  });

  it("count instances by state, and none once they are gone", async () => {
    await using bench = await openBench();
    await bench.run.call(calling("demo"));
    const up = await measured();
    expect(byName(up, "sigil.plugin.instances")).toEqual([
      [{ ...demo, state: "validating" }, 0],
      [{ ...demo, state: "loading" }, 0],
      [{ ...demo, state: "running" }, 1],
    ]);
    const phases = ["verify", "start", "describe"];
    expect(byName(up, "sigil.plugin.start.duration")).toEqual(
      phases.map((phase) => [{ ...demo, phase }, expect.objectContaining({ count: 1 })]),
    );
    await bench.run.stop("demo");
    const down = await measured();
    const states = (byName(down, "sigil.plugin.instances") as [{ state: string }, number][]).map(
      ([{ state }, value]) => [state, value],
    );
    expect(Object.fromEntries(states)).toMatchObject({ running: -1, draining: 0, stopping: 0 });
  });

  it("count calls that wait", async () => {
    await using bench = await openBench(
      {},
      "resources: {concurrency: 1}\nlifecycle: {scope: shared, max_instances: 1}\n",
    );
    await bench.run.start("demo");
    await measured();
    const abort = new AbortController();
    const inside = bench.run.call(calling("demo", "hang"), { signal: abort.signal });
    await bench.clock.advance(0);
    const waiting = bench.run.call(calling("demo"));
    await bench.clock.advance(0);
    const during = await measured();
    expect(byName(during, "sigil.plugin.calls.queued")).toEqual([[demo, 1]]);
    expect(byName(during, "sigil.plugin.calls.active")).toEqual([[demo, 2]]);
    abort.abort();
    await Promise.all([inside, waiting]);
    const after = await measured();
    expect(byName(after, "sigil.plugin.calls.queued")).toEqual([[demo, -1]]);
    expect(byName(after, "sigil.plugin.calls.active")).toEqual([[demo, -2]]);
  });

  it("count restarts, quarantines and reloads with their outcome", async () => {
    await using bench = await openBench({ restart: { quarantineAfter: 2 } });
    await bench.run.call(calling("demo", "crash"));
    const again = bench.run.call(calling("demo", "crash"));
    await bench.clock.advance(60_000);
    await again;
    await bench.run.start("demo", { clearQuarantine: true });
    bench.plugin("demo", manifestOf("demo", "lifecycle: {scope: shared}\ndescription: other\n"));
    await bench.run.reload("demo");
    await bench.run.reload("demo");
    bench.plugin("demo", "name: [");
    await bench.run.reload("demo");
    const found = await measured();
    expect(byName(found, "sigil.plugin.restarts")).toEqual([[{ ...demo, outcome: "ok" }, 2]]);
    expect(byName(found, "sigil.plugin.quarantines")).toEqual([
      [{ ...demo, outcome: "entered" }, 1],
      [{ ...demo, outcome: "cleared" }, 1],
    ]);
    expect(byName(found, "sigil.plugin.reloads")).toEqual([
      [{ ...demo, outcome: "replaced" }, 1],
      [{ ...demo, outcome: "unchanged" }, 1],
      [{ ...demo, outcome: "refused" }, 1],
    ]);
    expect(byName(found, "sigil.generation")).toEqual([[{}, 2]]);
  });
});

const incoming = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

describe("spans", () => {
  it("show the parts of a call and of a start", async () => {
    await using bench = await openBench();
    await bench.run.call(calling("demo"));
    expect(finished()).toEqual(
      expect.arrayContaining([
        { name: "decide", parent: "plugin.call" },
        { name: "acquire", parent: "plugin.call" },
        { name: "host.call", parent: "plugin.call" },
        { name: "plugin.call", parent: undefined },
        { name: "verify", parent: "plugin.start" },
        { name: "start", parent: "plugin.start" },
        { name: "describe", parent: "plugin.start" },
      ]),
    );
    await bench.run.reload("demo");
    expect(finished().at(-1)?.name).toBe("plugin.reload");
  });

  it("go on with the caller's trace, and hand it to the plugin", async () => {
    await using bench = await openBench();
    await bench.run.call(calling("demo", "echo", { traceparent: incoming }));
    const all = spans.getFinishedSpans();
    const call = all.find(({ name }) => name === "plugin.call");
    expect(call?.spanContext().traceId).toBe(incoming.slice(3, 35));
    expect(call?.parentSpanContext?.spanId).toBe(incoming.slice(36, 52));
    const host = all.find(({ name }) => name === "host.call")?.spanContext();
    expect(bench.calls[0]?.traceparent).toBe(`00-${host?.traceId}-${host?.spanId}-01`);
  });

  it.each([
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nx-evil: 1",
    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "x".repeat(10_000),
  ])("take no word of a trace that is none: %j", async (traceparent) => {
    await using bench = await openBench();
    await bench.run.call(calling("demo", "echo", { traceparent }));
    const call = spans.getFinishedSpans().find(({ name }) => name === "plugin.call");
    expect(call?.parentSpanContext).toBeUndefined();
    expect(bench.calls[0]?.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/u);
  });

  it("hang below what goes on around the caller", async () => {
    await using bench = await openBench();
    const tracer = trace.getTracer("test");
    await tracer.startActiveSpan("outside", async (span) => {
      await bench.run.call(calling("demo"));
      span.end();
    });
    expect(finished()).toContainEqual({ name: "plugin.call", parent: "outside" });
  });
});

it("never holds users, arguments or what a stranger wrote", async () => {
  await using bench = await openBench();
  const word = fc.string({ minLength: 1, maxLength: 12 }).map((text) => `stranger:${text}`);
  await fc.assert(
    fc.asyncProperty(word, word, word, word, word, async (plugin, tool, user, text, trail) => {
      const principal = { ...everybody, user, workspace: text, session: trail };
      const args = { [text]: text };
      for (const [to, name] of [
        ["demo", "echo"],
        ["demo", tool],
        [plugin, "echo"],
      ] as const) {
        // oxlint-disable-next-line no-await-in-loop -- one call after the other
        await bench.run.call(calling(to, name, { arguments: args, principal, traceparent: trail }));
      }
    }),
    { numRuns: 30 },
  );
  const attributes = [
    ...(await measured()).map((point) => point.attributes),
    ...spans.getFinishedSpans().map(({ name, attributes: held, status, events, links }) => ({
      name,
      held,
      status,
      events,
      links,
    })),
  ];
  expect(attributes.length).toBeGreaterThan(100);
  expect(JSON.stringify(attributes)).not.toContain("stranger");
});
