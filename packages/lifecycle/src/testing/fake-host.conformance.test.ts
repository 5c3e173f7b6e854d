import type { CallChunk, StartSpec } from "@sigilrt/lifecycle";
import {
  createFakeHost,
  describePluginHost,
  type FakePlugin,
  type FakeTool,
  type HostFixture,
} from "@sigilrt/lifecycle/testing";

const spec = (plugin: string): StartSpec => ({
  identity: { plugin, version: "1.0.0", digest: "tree1-sha256:0", epoch: 1, slot: 0 },
  adapter: "fake",
  tier: "process",
  root: "/nowhere",
  entry: { command: ["plugin"] },
  environment: { GREETING: "hello" },
  config: {},
  secrets: {},
  grants: { allow: [], deny: [], readDeny: [] },
  limits: {
    memoryBytes: 1,
    cpu: 1,
    pids: 1,
    maxResultBytes: 65_536,
    startMs: 500,
    callMs: 60_000,
    idleMs: 60_000,
  },
});

const never = new Promise<never>(() => undefined);
const result = (structured: unknown): CallChunk =>
  ({ kind: "result", isError: false, structured }) as CallChunk;

const echo: FakeTool = async function* echo(call) {
  yield await Promise.resolve(result(call.arguments));
};
const slow: FakeTool = async function* slow(call) {
  for (let completed = 1; completed <= Number(call.arguments["notes"]); completed += 1) {
    yield { kind: "progress", progress: { completed } };
  }
  yield await never;
};
const crash: FakeTool = async function* crash(_call, context) {
  await Promise.resolve();
  context.crash();
  yield await never;
};
const flood: FakeTool = async function* flood(call) {
  const text = "x".repeat(Number(call.arguments["bytes"]));
  yield await Promise.resolve({ kind: "content", content: { kind: "text", text } } as const);
  yield result(null);
};

const plugins: Readonly<Record<string, FakePlugin>> = {
  echo: {
    tools: {
      echo,
      async *environment() {
        yield await Promise.resolve(result(spec("echo").environment));
      },
    },
  },
  slow: { tools: { slow, echo } },
  crash: { tools: { crash } },
  flood: { tools: { flood, echo } },
  silent: { tools: {}, start: () => never },
  stubborn: { tools: { slow } },
  hostile: {
    tools: {
      async *echo() {
        yield await Promise.resolve({ kind: "progress", progress: { completed: 1 } } as const);
      },
    },
  },
  channel: {
    tools: {},
    services: {
      channel: () => ({
        kind: "channel",
        async *inbound() {
          yield await never;
        },
        send: () => never,
        presence: () => never,
        identity: () => never,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
    },
  },
  provider: {
    tools: {},
    services: {
      provider: () => ({
        kind: "provider",
        models: () => never,
        async *chat() {
          yield await never;
        },
        status: () => never,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
    },
  },
};

const setup = async (): Promise<HostFixture> => {
  const host = createFakeHost({
    plugin: (_id, { identity }) => plugins[identity.plugin] ?? { tools: {} },
  });
  return await Promise.resolve({
    host,
    echo: spec("echo"),
    slow: spec("slow"),
    crash: spec("crash"),
    flood: spec("flood"),
    silent: spec("silent"),
    stubborn: spec("stubborn"),
    hostile: [spec("hostile")],
    channel: spec("channel"),
    provider: spec("provider"),
    documentedVariables: [],
    liveProcesses: () => Promise.resolve(host.running.length),
    leftovers: () => Promise.resolve([]),
    [Symbol.asyncDispose]: () => host.close(),
  });
};

describePluginHost("the fake host", setup, {
  without: { parent: "its plugins are functions of the same process" },
});
