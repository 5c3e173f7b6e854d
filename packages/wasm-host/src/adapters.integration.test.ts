import { link, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  CallChunk,
  HostCall,
  LifecycleError,
  PluginHost,
  StartSpec,
} from "@sigilrt/lifecycle";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fixture } from "./fixtures/fixture-files.ts";
import { type SpecOptions, specOf } from "./fixtures/host-fixture.ts";
import { modulePlugins } from "./module-plugins.ts";
import { createWasmHost, type WasmHost } from "./wasm-host.ts";

let wasm: WasmHost;
let host: PluginHost;
let root: string;
beforeEach(async () => {
  wasm = createWasmHost({ isolation: "worker", timeoutMs: 60_000 });
  host = modulePlugins(wasm);
  root = await mkdtemp(join(tmpdir(), "adapters-"));
});
afterEach(async () => {
  await host.close();
  await wasm.close();
  await rm(root, { recursive: true });
});

const failureOf = async (work: Promise<unknown>): Promise<Partial<LifecycleError>> =>
  (await work.then(
    () => ({ code: undefined }),
    (error: unknown) => error,
  )) as Partial<LifecycleError>;

const start = (module: string, options: SpecOptions = { root }) =>
  host.start("m", specOf("module", module, options));

const call = (tool: string, ...args: readonly (number | string)[]): HostCall => ({
  tool,
  arguments: { args },
  requestId: "r",
  principal: { workspace: "w", user: "u" },
});

const collect = async (chunks: AsyncIterable<CallChunk>): Promise<readonly CallChunk[]> => {
  const all: CallChunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
};

const limits = () => ({
  signal: new AbortController().signal,
  deadlineAt: Date.now() + 60_000,
});

describe("the entry", () => {
  it("is read as a regular file inside the root", async () => {
    await mkdir(join(root, "lib"));
    await writeFile(join(root, "lib", "answer.wasm"), fixture("answer"));
    await using plugin = await start("lib/answer.wasm");
    expect((await plugin.describe()).tools.map(({ name }) => name)).toEqual(["answer"]);
  });

  it.each(["../answer.wasm", "lib/../../answer.wasm", "/etc/passwd", "", "./answer.wasm", "a//b"])(
    "is refused as %j",
    async (module) => {
      await writeFile(join(root, "answer.wasm"), fixture("answer"));
      expect(await failureOf(start(module))).toMatchObject({ code: "START_FAILED" });
    },
  );

  it("is refused as a link, behind a link, as a folder, and where there is none", async () => {
    const outside = join(root, "outside");
    await mkdir(join(outside, "lib"), { recursive: true });
    await writeFile(join(outside, "lib", "answer.wasm"), fixture("answer"));
    const inside = join(root, "inside");
    await mkdir(join(inside, "folder.wasm"), { recursive: true });
    await symlink(join(outside, "lib", "answer.wasm"), join(inside, "link.wasm"));
    await symlink(join(outside, "lib"), join(inside, "lib"));
    for (const module of ["link.wasm", "lib/answer.wasm", "folder.wasm", "missing.wasm"]) {
      // oxlint-disable-next-line no-await-in-loop -- one attack after the other
      expect(await failureOf(start(module, { root: inside }))).toMatchObject({
        code: "START_FAILED",
      });
    }
    await link(join(outside, "lib", "answer.wasm"), join(inside, "hard.wasm"));
    await using plugin = await start("hard.wasm", { root: inside });
    expect((await plugin.health()).status).toBe("healthy");
  });

  it("is refused as a command, and by a host of another adapter", async () => {
    const spec = specOf("module", "answer.wasm");
    const command: StartSpec = { ...spec, entry: { command: ["node"] } };
    expect(await failureOf(host.start("m", command))).toMatchObject({ code: "START_FAILED" });
    const other = { ...spec, adapter: "component" };
    expect(await failureOf(host.start("m", other))).toMatchObject({ code: "START_FAILED" });
  });
});

describe("limits of a spec", () => {
  it("lower the memory of the host", async () => {
    await using plugin = await start("plugin.wasm", { memoryBytes: 3 * 65_536 });
    const chunks = await collect(plugin.call(call("grow"), limits()));
    expect(chunks.at(-1)).toMatchObject({ structured: { results: [3] } });
  });

  it("stop a call at their fuel", async () => {
    await using plugin = await start("plugin.wasm", { fuel: 1_000 });
    expect((await collect(plugin.call(call("echo", 7), limits()))).at(-1)).toMatchObject({
      structured: { results: [7] },
    });
    expect(await failureOf(collect(plugin.call(call("slow", 0), limits())))).toMatchObject({
      code: "CRASHED",
      cause: { code: "FUEL_EXHAUSTED", fuelUsedAtLeast: 1_000 },
    });
  });

  it("end a call at callMs", async () => {
    await using plugin = await start("plugin.wasm", { callMs: 100 });
    expect(await failureOf(collect(plugin.call(call("slow", 0), limits())))).toMatchObject({
      code: "DEADLINE",
      cause: { code: "TIMEOUT" },
    });
    expect((await plugin.health()).status).toBe("degraded");
  });
});

describe("numbers as JSON", () => {
  it.each([
    ["echo", [5], [5]],
    ["echo64", ["-9223372036854775808"], ["-9223372036854775808"]],
    ["half", [3], [1.5]],
    ["half", ["Infinity"], ["Infinity"]],
    ["half", ["NaN"], ["NaN"]],
  ])("%s(%j) answers %j", async (tool, args, results) => {
    await using plugin = await start("plugin.wasm", {});
    const chunks = await collect(plugin.call(call(tool, ...args), limits()));
    expect(chunks).toEqual([
      { kind: "content", content: { kind: "text", text: JSON.stringify({ results }) } },
      { kind: "result", isError: false, structured: { results } },
    ]);
  });

  it.each([
    ["echo", []],
    ["echo", ["1"]],
    ["echo", [1.5]],
    ["echo", [2 ** 32]],
    ["echo64", [1]],
    ["echo64", ["99999999999999999999"]],
    ["echo64", ["1e3"]],
    ["half", ["zero"]],
  ])("%s(%j) is the caller's mistake, told as the tool's answer", async (tool, args) => {
    await using plugin = await start("plugin.wasm", {});
    const chunks = await collect(plugin.call(call(tool, ...args), limits()));
    expect(chunks.at(-1)).toEqual({ kind: "result", isError: true });
  });

  it("describes each function of numbers by a schema, and no other", async () => {
    await using plugin = await start("plugin.wasm", {});
    const { tools } = await plugin.describe();
    expect(tools.map(({ name }) => name)).not.toContain("reference");
    expect(tools.find(({ name }) => name === "echo64")).toMatchObject({
      inputSchema: {
        properties: { args: { minItems: 1, maxItems: 1, prefixItems: [{ type: "string" }] } },
        required: ["args"],
      },
    });
  });
});

describe("a plugin", () => {
  it("ends as crashed after eight failures within a minute", async () => {
    await using plugin = await start("hostile-echo.wasm", {});
    for (let failure = 0; failure < 8; failure += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one failure after the other
      const ended = await failureOf(collect(plugin.call(call("echo", 1), limits())));
      expect(ended.code).toBe("CRASHED");
    }
    expect(await plugin.exited).toMatchObject({ cause: "crashed" });
    expect(await failureOf(plugin.health())).toMatchObject({ code: "CLOSED" });
  });

  it("finishes its calls within the grace, and is ended after it", async () => {
    const plugin = await start("plugin.wasm", {});
    const quick = collect(plugin.call(call("echo", 1), limits()));
    const [chunks, report] = await Promise.all([quick, plugin.close({ graceMs: 1_000 })]);
    expect(chunks).toHaveLength(2);
    expect(report).toMatchObject({ cause: "requested", callsInFlight: 0 });

    const stubborn = await start("plugin.wasm", {});
    const slow = failureOf(collect(stubborn.call(call("slow", 0), limits())));
    expect(await stubborn.close({ graceMs: 50 })).toMatchObject({ callsInFlight: 1 });
    expect(await slow).toMatchObject({ code: "CLOSED" });
    expect(wasm.stats().workers).toMatchObject({ idle: 0, busy: 0, ending: 0 });
  });

  it("stops a call whose reader leaves", async () => {
    await using plugin = await start("plugin.wasm", {});
    const reading = plugin.call(call("echo", 1), limits())[Symbol.asyncIterator]();
    await reading.next();
    await reading.return?.();
    expect(wasm.stats().workers.busy).toBe(0);
  });
});
