import { symlinkSync } from "node:fs";
import { openPluginStore, type PluginStore } from "@sigilrt/integrity";
import { createFakeHost, createManualClock, type FakeHost } from "@sigilrt/lifecycle/testing";
import { examinePlugin } from "@sigilrt/manager";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { manifestOf, openWorkbench } from "./fixtures/workbench.ts";

const asking = manifestOf("demo", "capabilities: [sessions.read]\n");

interface Found {
  readonly dir: string;
  readonly store: PluginStore;
  readonly host: FakeHost;
}

async function examined<T>(manifest: string, look: (found: Found) => Promise<T>): Promise<T> {
  await using bench = openWorkbench();
  const dir = bench.plugin("demo", manifest);
  const store = await openPluginStore(join(bench.folder, "store"));
  const clock = createManualClock(0);
  return await look({ dir, store, host: createFakeHost({ adapters: ["grpc"], clock }) });
}

describe("examinePlugin", () => {
  it("tells what a plugin asks for and offers, and stops it", async () => {
    await examined(asking, async ({ dir, store, host }) => {
      const found = await examinePlugin(dir, { store, hosts: { grpc: host }, rights: "none" });
      expect(found).toMatchObject({
        digest: expect.stringMatching(/^tree1-sha256:/u),
        requested: ["sessions.read"],
        surface: { capabilities: ["sessions.read"], tools: [{ name: "echo" }] },
      });
      expect(host.running).toEqual([]);
    });
  });

  it.each([
    ["none", []],
    ["declared", ["sessions.read"]],
  ] as const)("starts it with %s of the rights it declares", async (rights, allow) => {
    await examined(asking, async ({ dir, store, host }) => {
      await examinePlugin(dir, { store, hosts: { grpc: host }, rights });
      expect(host.starts).toMatchObject([
        { spec: { grants: { allow }, root: expect.stringContaining("tree1-sha256") } },
      ]);
    });
  });

  it("starts no channel, which offers no tools", async () => {
    await examined(asking.replace("type: tool", "type: channel"), async ({ dir, store, host }) => {
      const { surface } = await examinePlugin(dir, {
        store,
        hosts: { grpc: host },
        rights: "none",
      });
      expect(surface).toEqual({ capabilities: ["sessions.read"], hooks: [], tools: [] });
      expect(host.starts).toEqual([]);
    });
  });

  it("refuses a tree that has no digest", async () => {
    await examined(asking, async ({ dir, store, host }) => {
      symlinkSync("plugin.yaml", join(dir, "link"));
      await expect(
        examinePlugin(dir, { store, hosts: { grpc: host }, rights: "none" }),
      ).rejects.toThrow(expect.objectContaining({ code: "VERIFICATION_FAILED" }));
      expect(host.starts).toEqual([]);
    });
  });

  it("says why a plugin cannot be looked at", async () => {
    await examined(asking, async ({ dir, store }) => {
      await expect(examinePlugin(dir, { store, hosts: {}, rights: "none" })).rejects.toThrow(
        expect.objectContaining({ code: "TIER_UNAVAILABLE" }),
      );
    });
  });
});
