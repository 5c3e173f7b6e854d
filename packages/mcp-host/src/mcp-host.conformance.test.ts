import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { StartSpec } from "@sigilrt/lifecycle";
import { describePluginHost, type HostFixture } from "@sigilrt/lifecycle/testing";
import { createMcpHost } from "@sigilrt/mcp-host";
import { livingIn, unconfinedRunner } from "./fixtures/unconfined-runner.ts";

const root = fileURLToPath(new URL("fixtures/", import.meta.url));
const spec = (mode: string, startMs = 20_000): StartSpec => ({
  identity: { plugin: mode, version: "1.0.0", digest: "tree1-sha256:0", epoch: 1, slot: 0 },
  adapter: "mcp-stdio",
  tier: "process",
  root,
  entry: { command: ["node", "server.mjs", mode] },
  environment: { GREETING: "hello" },
  config: {},
  secrets: {},
  grants: { allow: [], deny: [], readDeny: [] },
  limits: {
    memoryBytes: 1,
    cpu: 1,
    pids: 1,
    maxResultBytes: 65_536,
    startMs,
    callMs: 60_000,
    idleMs: 60_000,
  },
});

const setup = async (): Promise<HostFixture> => {
  const runner = unconfinedRunner();
  const host = createMcpHost({ runner });
  return await Promise.resolve({
    host,
    echo: spec("echo"),
    slow: spec("slow"),
    crash: spec("crash"),
    flood: spec("flood"),
    silent: spec("silent", 800),
    stubborn: spec("stubborn"),
    hostile: ["wrong-id", "garbage", "endless-line", "no-result", "noise", "exit"].map((mode) =>
      spec(mode),
    ),
    documentedVariables: [],
    liveProcesses: async () => {
      // The end of a killed process is news that takes the kernel a moment.
      const living = (): number =>
        [...runner.groups].reduce((sum, group) => sum + livingIn(group), 0);
      // oxlint-disable-next-line no-await-in-loop -- one look after the other
      for (let look = 0; look < 20 && living() > 0; look += 1) await sleep(25);
      return living();
    },
    leftovers: () => Promise.resolve([]),
    [Symbol.asyncDispose]: () => host.close(),
  });
};

describePluginHost("the MCP host", setup, {
  without: {
    services: "an MCP server offers tools",
    parent: "dying with the gateway is the runner's work, and the test's runner confines nothing",
  },
});
