import { createServer } from "node:net";
import {
  createWasmHost,
  type HostImports,
  type WasmComponent,
  type WasmHost,
} from "@sigilrt/wasm-host";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeWitness, readWitness, readWitnessRecord } from "./wasm-witness.ts";

// The witness has all of WASI and tries what nobody granted. One host for all, so that it is translated once.
let host: WasmHost;
let bytes: Uint8Array;
beforeAll(() => {
  bytes = readWitness();
  host = createWasmHost({ isolation: "worker", timeoutMs: 80_000 });
});
afterAll(async () => {
  await host.close();
});

interface Setting {
  readonly granted?: readonly string[];
  readonly imports?: HostImports;
  readonly environment?: Readonly<Record<string, string>>;
}

const everything: HostImports = {
  clock: { wallMs: () => 1_234, monotonicMs: () => 5 },
  random: async (length) => new Uint8Array(length).fill(7),
};

const load = ({ granted = [], imports = everything, environment = {} }: Setting = {}) =>
  host.loadComponent("witness", bytes, {
    decide: async ({ capability }) => granted.includes(capability),
    imports,
    environment,
  });

async function attempt(
  component: WasmComponent,
  what: string,
  args: Readonly<Record<string, string | number>> = {},
): Promise<unknown> {
  const result = await component.call(what, JSON.stringify(args));
  return result.kind === "completed" ? JSON.parse(result.json) : result.error;
}

const attemptOnce = async (...[what, args, setting]: [string, object?, Setting?]) => {
  await using component = await load(setting);
  return await attempt(component, what, { ...args });
};

it("has a record that tells of these sources and bytes", () => {
  const record = readWitnessRecord();
  expect(record).toEqual(describeWitness("0.23.0"));
});

it("imports files, sockets, clocks, randomness and HTTP of WASI", async () => {
  await using component = await load();
  const packages = component.imports.flatMap((name) => /^wasi:[a-z]+/u.exec(name) ?? []);
  expect([...new Set(packages)].toSorted()).toEqual([
    "wasi:cli",
    "wasi:clocks",
    "wasi:filesystem",
    "wasi:http",
    "wasi:io",
    "wasi:random",
    "wasi:sockets",
  ]);
});

describe("without a grant", () => {
  it("there is no folder to open a file in", async () => {
    expect(await attemptOnce("directories")).toEqual({ value: 0 });
    expect(await attemptOnce("workingFolder")).toEqual({ value: null });
  });

  it("the environment is what was handed over, and never the host's", async () => {
    process.env["SIGIL_WITNESS_SECRET"] = "secret";
    try {
      expect(await attemptOnce("environment")).toEqual({ value: [] });
      const environment = { GIVEN: "1" };
      expect(await attemptOnce("environment", {}, { environment })).toEqual({
        value: [["GIVEN", "1"]],
      });
      expect(await attemptOnce("arguments")).toEqual({ value: [] });
    } finally {
      delete process.env["SIGIL_WITNESS_SECRET"];
    }
  });

  it("no socket is made and no request leaves", async () => {
    let connections = 0;
    const server = createServer(() => void (connections += 1));
    await new Promise<void>((ready) => void server.listen(0, "127.0.0.1", ready));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    try {
      expect(await attemptOnce("tcp")).toEqual({ error: "access-denied" });
      expect(await attemptOnce("udp")).toEqual({ error: "access-denied" });
      const http = await attemptOnce("http", { authority: `127.0.0.1:${port}` });
      expect(http).toEqual({ error: "HTTP-request-denied" });
      expect(connections).toBe(0);
    } finally {
      await new Promise((closed) => void server.close(closed));
    }
  });

  it("the clock stands at the start of the call", async () => {
    expect(await attemptOnce("passing")).toEqual({ value: [0, 0] });
    expect(await attemptOnce("resolution")).toEqual({ value: "1000000" });
  });

  it.each(["random", "randomNumber", "keys"])("%s ends the call", async (what) => {
    await using component = await load();
    await expect(attempt(component, what, { length: 16 })).rejects.toMatchObject({
      code: "DENIED",
      phase: "call",
    });
    expect(await attempt(component, "directories")).toEqual({ value: 0 });
  });

  it("what is called insecure is the same in every fresh guest", async () => {
    const first = await attemptOnce("insecure", { length: 16 });
    expect(await attemptOnce("insecure", { length: 16 })).toEqual(first);
  });

  it("input is at its end, and leaving ends the call alone", async () => {
    await using component = await load();
    expect(await attempt(component, "stdin")).toEqual({ error: "closed" });
    await expect(attempt(component, "exit")).rejects.toMatchObject({ code: "CALL_TRAPPED" });
    expect(await attempt(component, "directories")).toEqual({ value: 0 });
  });
});

describe("with a grant", () => {
  it("the clock is the composition's", async () => {
    const granted = ["clock.read"];
    expect(await attemptOnce("wall", {}, { granted })).toEqual({ value: 1 });
    expect(await attemptOnce("date", {}, { granted })).toEqual({ value: 1_234 });
    expect(await attemptOnce("monotonic", {}, { granted })).toEqual({ value: "5000000" });
  });

  it("random bytes are the composition's, and none are made up where it has none", async () => {
    const granted = ["random.read"];
    expect(await attemptOnce("random", { length: 16 }, { granted })).toEqual({ value: 16 });
    expect(await attemptOnce("keys", { length: 16 }, { granted })).toEqual({ value: 16 });
    const without = attemptOnce("random", { length: 16 }, { granted, imports: {} });
    await expect(without).rejects.toMatchObject({ code: "DENIED" });
  });

  it("what is written to standard output becomes lines of the log", async () => {
    const lines: unknown[] = [];
    const imports: HostImports = { log: (line) => void lines.push(line) };
    await attemptOnce("stdout", { line: "first\nsecond" }, { imports });
    expect(lines).toEqual([
      { level: "info", message: "first" },
      { level: "info", message: "second" },
    ]);
  });
});
