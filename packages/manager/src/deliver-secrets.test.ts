import { acceptUnverified, openPluginStore } from "@sigilrt/integrity";
import { createFakeHost, createManualClock } from "@sigilrt/lifecycle/testing";
import { examinePlugin, learnPlugin, type SecretSource } from "@sigilrt/manager";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { manifestOf, openWorkbench } from "./fixtures/workbench.ts";

const declared =
  "secrets: [{name: token, env: API_TOKEN}, {name: seed}, {name: spare, required: false}]\n";
const values = { token: "t0k3n", seed: "s33d" };

function sourceOf(
  answers: Readonly<Record<string, string>>,
): SecretSource & { readonly asked: unknown[] } {
  const asked: unknown[] = [];
  return {
    asked,
    async resolve(plugin, names) {
      asked.push([plugin, names]);
      return answers;
    },
  };
}

async function started(manifest: string, secrets: SecretSource): Promise<unknown> {
  await using bench = openWorkbench();
  bench.plugin("demo", manifest);
  const manager = bench.manager({ verifier: acceptUnverified(), secrets });
  await manager.discover();
  await manager.start("demo");
  return bench.host.starts;
}

describe("secrets of a plugin", () => {
  it("reach it by their variable, or else by name, and no name is asked for that it does not declare", async () => {
    const source = sourceOf({ ...values, other: "of another plugin" });
    const starts = await started(manifestOf("demo", `env: {MODE: fast}\n${declared}`), source);
    expect(starts).toMatchObject([{ spec: { environment: { MODE: "fast", API_TOKEN: "t0k3n" } } }]);
    expect(starts).toMatchObject([{ spec: { secrets: { seed: "s33d" } } }]);
    expect(JSON.stringify(starts)).not.toContain("of another plugin");
    expect(source.asked).toEqual([["demo", ["token", "seed", "spare"]]]);
  });

  it("are asked for by no plugin that declares none", async () => {
    const source = sourceOf(values);
    expect(JSON.stringify(await started(manifestOf("demo"), source))).not.toContain("t0k3n");
    expect(source.asked).toEqual([]);
  });

  it("are asked for at each start, so that a new value reaches the next instance", async () => {
    await using bench = openWorkbench();
    bench.plugin("demo", manifestOf("demo", declared));
    let token = "first";
    const secrets: SecretSource = { resolve: async () => ({ ...values, token }) };
    const manager = bench.manager({ verifier: acceptUnverified(), secrets });
    await manager.discover();
    await manager.start("demo");
    token = "second";
    await manager.stop("demo");
    await manager.start("demo");
    const given = bench.host.starts.map(({ spec }) => spec.environment["API_TOKEN"]);
    expect(given).toEqual(["first", "second"]);
  });

  it.each([
    ["a required one is missing", sourceOf({ token: "t" }), declared, /its secret "seed"; set it/u],
    [
      "the source fails",
      { resolve: () => Promise.reject(new Error("the box is damaged")) },
      declared,
      /its secrets cannot be had: the box is damaged/u,
    ],
    [
      "an inherited member would answer",
      sourceOf(Object.create({ ...values })),
      declared,
      /its secret "token"/u,
    ],
  ])("keep it from starting when %s", async (_what, source, more, message) => {
    await expect(started(manifestOf("demo", more), source)).rejects.toThrow(
      expect.objectContaining({ code: "START_FAILED", message: expect.stringMatching(message) }),
    );
  });

  it.each([
    ["mcp-stdio", /"seed" cannot reach it: adapter mcp-stdio needs it to name a variable/u],
    ["module", /"token" cannot reach it: adapter module takes no secrets/u],
  ])("are refused where adapter %s has no way for them", async (adapter, message) => {
    await using bench = openWorkbench();
    const manifest = manifestOf("demo", `adapter: ${adapter}\n${declared}`);
    bench.plugin("demo", adapter === "module" ? asModule(manifest) : manifest, {
      "main.wasm": "",
    });
    const manager = bench.manager({ verifier: acceptUnverified(), secrets: sourceOf(values) });
    await manager.discover();
    await expect(manager.start("demo")).rejects.toThrow(
      expect.objectContaining({ code: "START_FAILED", message: expect.stringMatching(message) }),
    );
  });

  it("are stood in for where nobody has agreed to the plugin yet", async () => {
    await using bench = openWorkbench();
    const dir = bench.plugin("demo", manifestOf("demo", declared));
    const store = await openPluginStore(join(bench.folder, "store"));
    const host = createFakeHost({ adapters: ["grpc"], clock: createManualClock(0) });
    const hosts = { grpc: host };
    await examinePlugin(dir, { store, hosts, rights: "none" });
    await learnPlugin(dir, { store, hosts, scenario: { calls: [] } });
    expect(host.starts.map(({ spec }) => [spec.environment["API_TOKEN"], spec.secrets])).toEqual([
      ["sigil-review-no-secret", expect.objectContaining({ seed: "sigil-review-no-secret" })],
      ["sigil-review-no-secret", expect.objectContaining({ seed: "sigil-review-no-secret" })],
    ]);
  });
});

const asModule = (manifest: string): string =>
  manifest
    .replace("tier: process", "tier: wasm")
    .replace("command: [node, main.js]", "module: main.wasm");
