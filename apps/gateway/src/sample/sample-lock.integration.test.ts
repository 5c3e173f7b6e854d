import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { digestTree, type LockedPlugin, parseLockfile, surfaceDigest } from "@sigilrt/integrity";
import { createWasmHost } from "@sigilrt/wasm-host";
import { describe, expect, it } from "vitest";
import { readConfiguration } from "../configuration.ts";
import { readConsents } from "@sigilrt/cli";
import { bundleNotes, notesBundle } from "./notes-bundle.ts";

const remedy = "the sample is stale; run: npm run sample:lock";
const configuration = await readConfiguration(
  fileURLToPath(new URL("../../gateway.yaml", import.meta.url)),
);
const parsed = parseLockfile(readFileSync(configuration.lock));
const locked = new Map<string, LockedPlugin>(
  parsed.ok ? Object.entries<LockedPlugin>(parsed.lock.plugins) : [],
);
const digestsOf = (name: string): readonly string[] => locked.get(name)?.digests ?? [];

describe("the sample", () => {
  it("runs the bundle that its source and the SDK give", async () => {
    const isFresh = Buffer.from(await bundleNotes()).equals(readFileSync(notesBundle));
    expect(isFresh ? "fresh" : remedy).toBe("fresh");
  });

  it("has a component without ambient imports: no files, no network, no environment, no clock of WASI", async () => {
    const bytes = readFileSync(new URL("../../plugins/text/text.wasm", import.meta.url));
    await using host = createWasmHost({ isolation: "worker" });
    const text = await host.loadComponent("text", bytes, {
      decide: async () => false,
      imports: {},
    });
    expect(text.imports.filter((name) => !name.startsWith("sigil:plugin/"))).toEqual([]);
  });

  it("locks exactly the plugins that the gateway lists", () => {
    expect([...locked.keys()].toSorted()).toEqual([...configuration.plugins.keys()].toSorted());
  });

  it.each([...configuration.plugins])("locks %s as it lies there", async (name, { path }) => {
    const tree = await digestTree(path);
    const isLocked = tree.ok && digestsOf(name).includes(tree.digest);
    expect(isLocked ? "fresh" : remedy).toBe("fresh");
  });

  it.each([...configuration.plugins.keys()])(
    "has consents for the bytes and the tool texts of %s that are locked",
    async (name) => {
      const consent = (await readConsents(configuration.consents))[name];
      const isFresh =
        consent !== undefined &&
        digestsOf(name).includes(consent.digest) &&
        locked.get(name)?.surface === surfaceDigest(consent.surface);
      expect(isFresh ? "fresh" : remedy).toBe("fresh");
    },
  );
});
