import { openPluginStore, type StoredTree } from "@sigilrt/integrity";
import { createFakeHost, createManualClock, type FakeHost } from "@sigilrt/lifecycle/testing";
import { examinePlugin } from "@sigilrt/manager";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { manifestOf, openWorkbench } from "./fixtures/workbench.ts";

const asking = manifestOf("demo", "capabilities: [sessions.read]\n");

async function examined<T>(
  manifest: string,
  look: (tree: StoredTree, host: FakeHost) => Promise<T>,
): Promise<T> {
  await using bench = openWorkbench();
  const dir = bench.plugin("demo", manifest);
  const store = await openPluginStore(join(bench.folder, "store"));
  const tree = await store.admit(dir);
  if (!tree.ok) throw new Error(tree.rejection.kind);
  const clock = createManualClock(0);
  return look(tree, createFakeHost({ adapters: ["grpc"], clock }));
}

describe("examinePlugin", () => {
  it("tells what a plugin asks for and offers, and stops it", async () => {
    await examined(asking, async (tree, host) => {
      const found = await examinePlugin(tree, { hosts: { grpc: host }, rights: "none" });
      expect(found).toMatchObject({
        digest: tree.digest,
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
    await examined(asking, async (tree, host) => {
      await examinePlugin(tree, { hosts: { grpc: host }, rights });
      expect(host.starts).toMatchObject([{ spec: { grants: { allow }, root: tree.path } }]);
    });
  });

  it("starts no channel, which offers no tools", async () => {
    await examined(asking.replace("type: tool", "type: channel"), async (tree, host) => {
      const { surface } = await examinePlugin(tree, { hosts: { grpc: host }, rights: "none" });
      expect(surface).toEqual({ capabilities: ["sessions.read"], hooks: [], tools: [] });
      expect(host.starts).toEqual([]);
    });
  });

  it("says why a plugin cannot be looked at", async () => {
    await examined(asking, async (tree) => {
      await expect(examinePlugin(tree, { hosts: {}, rights: "none" })).rejects.toThrow(
        expect.objectContaining({ code: "TIER_UNAVAILABLE" }),
      );
    });
  });
});
