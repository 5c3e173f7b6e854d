import type { PluginHost, StartSpec } from "@sigilrt/lifecycle";
import { createFakeHost, type FakeHost } from "@sigilrt/lifecycle/testing";
import type { LogRecord } from "@sigilrt/process-host";
import { expect, it } from "vitest";
import { createPluginLogs } from "./admin/plugin-logs.ts";
import { watched } from "./watched-host.ts";

const spec: StartSpec = {
  identity: { plugin: "demo", version: "1.0.0", digest: "tree1-sha256:00", epoch: 1, slot: 0 },
  adapter: "fake",
  tier: "process",
  root: "/",
  entry: { module: "x" },
  environment: {},
  config: {},
  secrets: {},
  grants: { allow: [], deny: [], readDeny: [] },
  limits: {
    memoryBytes: 1,
    cpu: 1,
    pids: 1,
    maxResultBytes: 1,
    startMs: 1_000,
    callMs: 1_000,
    idleMs: 1_000,
  },
};
const record = (message: string, more: Partial<LogRecord> = {}): LogRecord => ({
  level: "info",
  message,
  fields: {},
  truncated: false,
  receivedAt: 0,
  dropped: 0,
  ...more,
});

/** A host that hands out lines, as that of processes does. */
function talking(host: FakeHost, lines: readonly LogRecord[]): PluginHost {
  return {
    ...host,
    adapters: host.adapters,
    async start(...asked) {
      const logs = (async function* () {
        yield* lines;
      })();
      return Object.assign(await host.start(...asked), { logs });
    },
  };
}

it("keeps the lines that a host hands out, and says what was dropped", async () => {
  const logs = createPluginLogs();
  const lines = [record("up"), record("slow", { level: "warn", fields: { ms: 7 }, dropped: 3 })];
  await using host = watched(talking(createFakeHost(), lines), () => undefined, logs);
  await host.start("demo-1", spec);
  const kept: string[] = [];
  const left = new AbortController();
  for await (const { source, text } of logs.read("demo", { follow: true, signal: left.signal })) {
    kept.push(`${source} ${text}`);
    if (kept.length === 3) left.abort();
  }
  expect(kept).toEqual([
    "plugin info up",
    "host 3 lines of its error stream were dropped",
    'plugin warn slow {"ms":7}',
  ]);
});

it("tells how a plugin ended that was not asked to, and why one did not start", async () => {
  const told = Promise.withResolvers<string>();
  const fake = createFakeHost();
  await using host = watched(fake, (name, line) => told.resolve(`${name}: ${line}`), {
    ...createPluginLogs(),
  });
  await host.start("demo-1", spec);
  fake.crash("demo-1");
  expect(await told.promise).toMatch(/^demo: ended by itself, crashed/u);
  const refused: string[] = [];
  await using other = watched(fake, (_name, line) => refused.push(line), createPluginLogs());
  await expect(other.start("demo-2", { ...spec, adapter: "none" })).rejects.toThrow("no adapter");
  expect(refused).toEqual(['Cannot start "demo-2": no adapter "none" here']);
});
