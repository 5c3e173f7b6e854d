import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixture } from "./fixtures/fixture-files.ts";
import type { DecideImport, HostImports } from "./host-imports.ts";
import { ImportFailure } from "./host-imports.ts";
import type { LoadComponentOptions, WasmComponent } from "./wasm-component.ts";
import type { WasmError } from "./wasm-error.ts";
import { createWasmHost, type WasmHost } from "./wasm-host.ts";

// One host for all, so that the component is translated once; needs Node 24.
let host: WasmHost;
beforeAll(() => {
  host = createWasmHost({ isolation: "worker", timeoutMs: 60_000 });
});
afterAll(async () => {
  await host.close();
});

const load = (options: Partial<LoadComponentOptions> = {}): Promise<WasmComponent> =>
  host.loadComponent("guest", fixture("guest"), {
    decide: async () => true,
    imports: {},
    ...options,
  });

const withMode = (mode: string): Partial<LoadComponentOptions> => ({
  imports: { config: async () => mode },
});

const failureOf = async (work: Promise<unknown>): Promise<Partial<WasmError>> =>
  (await work.then(
    () => ({ code: "no failure" }),
    (error: unknown) => error,
  )) as Partial<WasmError>;

/** Asks the guest to use an import and answers what the guest saw. */
async function asked(
  what: object,
  imports: HostImports,
  decide: DecideImport = async () => true,
): Promise<unknown> {
  await using component = await load({ imports, decide });
  const result = await component.call("ask", JSON.stringify(what));
  return JSON.parse(result.kind === "completed" ? result.json : JSON.stringify(result.error));
}

describe("row by row", () => {
  it("28 tells a trap and 29 gives a fresh state after it", async () => {
    await using component = await load();
    await component.call("count", "{}");
    expect(await component.call("count", "{}")).toMatchObject({ json: "2" });
    expect(await failureOf(component.call("crash", "{}"))).toMatchObject({
      code: "CALL_TRAPPED",
      phase: "call",
    });
    expect(await component.call("count", "{}")).toMatchObject({ json: "1" });
  });

  it("30 refuses a result of 9 MB, and the next call works with the state kept", async () => {
    await using component = await load();
    await component.call("count", "{}");
    expect(await failureOf(component.call("flood", '{"bytes":9000000}'))).toMatchObject({
      code: "LIMIT",
      limit: "result_bytes",
    });
    expect(await component.call("count", "{}")).toMatchObject({ json: "2" });
  });

  it("31 ends a guest that loops", async () => {
    await using component = await load();
    const call = component.call("slow", '{"notes":0}', { timeoutMs: 200 });
    expect(await failureOf(call)).toMatchObject({ code: "TIMEOUT", phase: "call" });
    expect(await component.call("echo", '{"a":1}')).toMatchObject({ json: '{"a":1}' });
  });

  it.each(["no-json", "deep"])("32 refuses a result of mode %s", async (mode) => {
    await using component = await load(withMode(mode));
    expect(await failureOf(component.call("echo", "{}"))).toMatchObject({ code: "RESULT_INVALID" });
  });

  it.each([
    ["many", { code: "LIMIT", limit: "tools" }],
    ["large", { code: "LIMIT", limit: "surface_bytes" }],
    ["no-schema", { code: "RESULT_INVALID" }],
    ["twice", { code: "RESULT_INVALID" }],
  ])("33 refuses descriptions of mode %s", async (mode, refused) => {
    await using component = await load(withMode(mode));
    expect(await failureOf(component.describe())).toMatchObject(refused);
  });

  it("36 answers too-large to an argument of 2 MiB, before it crosses", async () => {
    let calls = 0;
    const what = { what: "config", key: "x".repeat(2 * 1_048_576) };
    await using component = await load({
      imports: {
        config: async () => {
          calls += 1;
          return "";
        },
      },
      limits: { argument_bytes: 1_048_576, host_call_bytes: 4_096 },
    });
    const small = { ...what, key: "x".repeat(5_000) };
    const result = await component.call("ask", JSON.stringify(small));
    expect(result).toMatchObject({ json: '{"error":"too-large","text":null}' });
    expect(calls).toBe(0);
    expect(await failureOf(component.call("ask", JSON.stringify(what)))).toMatchObject({
      code: "LIMIT",
      limit: "argument_bytes",
    });
  });

  it("36 drops a flood of log lines and counts them", async () => {
    const lines: unknown[] = [];
    await asked(
      { what: "log", lines: 10_000, text: "x".repeat(100) },
      { log: (line) => void lines.push(line) },
    );
    // 64 KiB hold 564 lines of 100 bytes and their cost.
    expect(lines).toHaveLength(565);
    expect(lines.at(-1)).toEqual({ level: "warn", message: "lines were dropped", dropped: 9_436 });
  });

  it.each([
    [{ what: "request", id: "mcp.sampling" }, "mcp.sampling"],
    [{ what: "config", key: "k" }, "config.read.self"],
    [{ what: "wall" }, "clock.read"],
    [{ what: "monotonic" }, "clock.read"],
    [{ what: "random", length: 8 }, "random.read"],
    [{ what: "get", key: "k" }, "kv.read"],
    [{ what: "keys", prefix: "" }, "kv.read"],
    [{ what: "put", key: "k", text: "v" }, "kv.write"],
    [{ what: "delete", key: "k" }, "kv.write"],
    [{ what: "send", url: "https://Example.org/x" }, "net.connect.example.org:443"],
    [{ what: "send", url: "http://[::1]:8080/" }, "net.connect.[::1]:8080"],
  ])("37 asks for %j and shows an ungranted guest nothing but denied", async (what, capability) => {
    const asks: unknown[] = [];
    const used: string[] = [];
    const seen = await asked(what, everything(used), async (ask) => {
      asks.push(ask);
      return false;
    });
    expect(seen).toEqual({ error: "denied", text: null });
    expect(asks).toEqual([{ capability, plugin: "guest", callId: "call" }]);
    expect(used).toEqual([]);
  });

  it.each([
    ["false", async () => false],
    ["a value that is not true", (async () => 1) as unknown as DecideImport],
    ["an error", async () => await Promise.reject(new Error("no"))],
  ])("37 denies when the decision is %s", async (_, decide) => {
    const seen = await asked({ what: "wall" }, everything([]), decide);
    expect(seen).toEqual({ error: "denied", text: null });
  });

  it("answers what was granted", async () => {
    const used: string[] = [];
    const imports = everything(used);
    expect(await asked({ what: "request", id: "x.y" }, imports)).toEqual({ value: null });
    expect(await asked({ what: "config", key: "k" }, imports)).toEqual({ value: "value of k" });
    expect(await asked({ what: "secret", key: "s" }, imports)).toEqual({ value: "secret of s" });
    expect(await asked({ what: "wall" }, imports)).toEqual({ value: 1_234 });
    expect(await asked({ what: "random", length: 8 }, imports)).toEqual({ value: 8 });
    expect(await asked({ what: "get", key: "k" }, imports)).toEqual({ value: 3 });
    expect(await asked({ what: "keys", prefix: "" }, imports)).toEqual({ value: ["a", "b"] });
    expect(await asked({ what: "put", key: "k", text: "v" }, imports)).toEqual({ value: 7 });
    expect(await asked({ what: "delete", key: "k" }, imports)).toEqual({ value: true });
    expect(await asked({ what: "send", url: "https://example.org/" }, imports)).toEqual({
      value: 204,
    });
    expect(used).toEqual(["config", "secret", "random", "get", "keys", "put", "delete", "http"]);
  });

  it.each(["wall", "random", "get", "put", "keys", "delete"])(
    "answers failed to %s that was granted and that nobody offers",
    async (what) => {
      const seen = await asked({ what, key: "k", text: "v", length: 1, prefix: "" }, {});
      expect(seen).toEqual({ error: "failed", text: "not offered" });
    },
  );

  it("answers not-found to a secret that was not declared", async () => {
    expect(await asked({ what: "secret", key: "other" }, {})).toMatchObject({ error: "not-found" });
  });

  it.each(["ftp://example.org/", "no address", "https://user:word@example.org/"])(
    "refuses the address %s before anybody decides",
    async (url) => {
      const seen = await asked({ what: "send", url }, everything([]), async () => {
        throw new Error("asked");
      });
      expect(seen).toMatchObject({ error: "malformed" });
    },
  );

  it.each([
    ["a rejection", async () => await Promise.reject(new Error("/etc/host/path"))],
    ["another type", (async () => 5) as unknown as () => Promise<string>],
  ])("38 answers failed to %s of a provider and passes none of its text on", async (_, config) => {
    const seen = await asked({ what: "config", key: "k" }, { config });
    expect(seen).toMatchObject({ error: "failed" });
    expect(JSON.stringify(seen)).not.toContain("host");
  });

  it("38 answers too-large to a huge text, and an error of the world as it was meant", async () => {
    const huge = { config: async () => "x".repeat(2 * 1_048_576) };
    expect(await asked({ what: "config", key: "k" }, huge)).toMatchObject({ error: "too-large" });
    const failing = {
      config: async () => await Promise.reject(new ImportFailure("timeout", "later")),
    };
    expect(await asked({ what: "config", key: "k" }, failing)).toEqual({
      error: "timeout",
      text: null,
    });
    expect(await asked({ what: "random", length: 65_537 }, everything([]))).toMatchObject({
      error: "too-large",
    });
  });
});

describe("components", () => {
  it("reports a tool's own failure as a value", async () => {
    await using component = await load();
    expect(await component.call("fail", '{"code":"unavailable"}')).toMatchObject({
      kind: "failed",
      error: { code: "unavailable", message: "as asked", retryable: true },
    });
    expect(await component.call("nobody", "{}")).toMatchObject({ error: { code: "unknown-tool" } });
    expect(await failureOf(component.call("echo", "no json"))).toBeInstanceOf(TypeError);
  });

  it("gives each call a fresh guest where that was asked for", async () => {
    await using component = await load({ instancePer: "call" });
    expect(await component.call("count", "{}")).toMatchObject({ json: "1" });
    expect(await component.call("count", "{}")).toMatchObject({ json: "1" });
  });

  it("keeps all memories together within the limit", async () => {
    await using component = await load({ limits: { memory_bytes: 4 * 1_048_576 } });
    const call = component.call("flood", '{"bytes":3900000}');
    expect(await failureOf(call)).toMatchObject({ code: "MEMORY_EXCEEDED" });
    expect(await component.call("echo", "[1]")).toMatchObject({ json: "[1]" });
    const tiny = load({ limits: { memory_bytes: 1_048_576 } });
    expect(await failureOf(tiny)).toMatchObject({ code: "LIMIT", limit: "memory_bytes" });
  });

  it("counts the fuel of a call, the same each time, and stops at one less", async () => {
    const fuelLimit = 1_000_000_000;
    await using component = await load({ fuelLimit, instancePer: "call" });
    const used = async (options: object = {}): Promise<number> =>
      (await component.call("echo", '{"a":[1,2,3]}', options)).fuelUsed ?? 0;
    const first = await used();
    expect(first).toBeGreaterThan(1_000);
    expect(await used({ fuelLimit: first })).toBe(first);
    expect(await failureOf(used({ fuelLimit: first - 1 }))).toMatchObject({
      code: "FUEL_EXHAUSTED",
      phase: "call",
      fuelUsedAtLeast: first - 1,
    });
    expect(await used()).toBe(first);
    expect(await component.describe()).not.toEqual([]);
  });

  it("stops a start that has too little", async () => {
    expect(await failureOf(load({ fuelLimit: 10 }))).toMatchObject({
      code: "FUEL_EXHAUSTED",
      phase: "start",
    });
  });

  it("stops a guest that loops by its fuel, and counts nothing where nobody asked", async () => {
    await using component = await load({ fuelLimit: 100_000_000 });
    expect(await failureOf(component.call("slow", "{}"))).toMatchObject({ code: "FUEL_EXHAUSTED" });
    await using free = await load();
    expect(await free.call("echo", "1")).not.toHaveProperty("fuelUsed");
    expect(await failureOf(free.call("echo", "1", { fuelLimit: 5 }))).toMatchObject({
      code: "UNSUPPORTED",
      feature: "fuel",
    });
  });

  it("refuses a core module", async () => {
    const module = host.loadComponent("m", fixture("answer"), {
      decide: async () => true,
      imports: {},
    });
    expect(await failureOf(module)).toMatchObject({ code: "COMPILE_FAILED" });
  });

  it("40 cancels during translation and leaves nothing", async () => {
    await using other = createWasmHost({ isolation: "worker" });
    const abort = new AbortController();
    const loading = failureOf(
      other.loadComponent("guest", fixture("guest"), {
        decide: async () => true,
        imports: {},
        signal: abort.signal,
      }),
    );
    abort.abort();
    expect(await loading).toMatchObject({ code: "CANCELLED", phase: "load" });
    expect(other.stats().workers).toEqual({ blank: 0, idle: 0, busy: 0, ending: 0 });
  });
});

/** A provider of everything, which notes what was used. */
function everything(used: string[]): HostImports {
  const note = <T>(name: string, value: T): T => {
    used.push(name);
    return value;
  };
  return {
    config: async (key) => note("config", `value of ${key}`),
    secret: async (name) => note("secret", `secret of ${name}`),
    clock: { wallMs: () => 1_234.9, monotonicMs: () => 5 },
    random: async (length) => note("random", new Uint8Array(length)),
    kv: {
      get: async () => note("get", { value: Uint8Array.of(1, 2, 3), version: 1n }),
      put: async () => note("put", 7n),
      delete: async () => note("delete", true),
      keys: async () => note("keys", { keys: ["a", "b"] }),
    },
    http: async () => note("http", { status: 204, headers: [], body: new Uint8Array() }),
  };
}
