import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SurfaceTool } from "@sigilrt/integrity";
import type { ExaminedPlugin } from "@sigilrt/manager";
import { parseManifest } from "@sigilrt/manifest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compare } from "./look.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "look-"));
  writeFileSync(join(folder, "plugins.lock"), "{}");
});
afterEach(() => rmSync(folder, { recursive: true }));

const faultsOf = async (tool: Partial<SurfaceTool>): Promise<readonly string[]> => {
  const place = {
    lock: join(folder, "plugins.lock"),
    consents: join(folder, "consents.json"),
    folders: new Map(),
    home: folder,
    staged: folder,
  };
  const tools = [{ name: "add", description: "Adds", inputSchema: { type: "object" }, ...tool }];
  const examined: ExaminedPlugin = {
    manifest: parseManifest("name: demo\nversion: 1.0.0\ntype: tool\nexecution: { tier: wasm }\n"),
    digest: "tree1-sha256:00",
    requested: [],
    surface: { capabilities: [], hooks: [], tools },
  };
  const candidate = { name: "demo", tree: folder, source: folder, staged: true };
  return (await compare(place, candidate, examined)).faults;
};

describe("a tool text that a person can judge", () => {
  it("has line feeds, tabs and any script that shows", async () => {
    expect(await faultsOf({ description: "Adds\n\tzwei Zahlen, 加算 😀" })).toEqual([]);
    expect(await faultsOf({ description: "x".repeat(16_000) })).toEqual([]);
  });

  it.each([
    ["a direction", { description: "Adds\u202E" }, "U+202e"],
    ["a zero-width character", { title: "Add\u200B" }, "U+200b"],
    ["a terminal sequence", { description: "\u001B[2J" }, "U+001b"],
    ["a line separator", { description: "a\u2028b" }, "U+2028"],
    [
      "a schema's text",
      { inputSchema: { properties: { n: { description: "\u2066" } } } },
      "U+2066",
    ],
    ["a schema's member", { inputSchema: { properties: { "n\u00AD": {} } } }, "U+00ad"],
    ["a hint", { annotations: { title: "\uFEFF" } }, "U+feff"],
  ])("holds no %s", async (_what, tool, code) => {
    expect(await faultsOf(tool)).toEqual([`tool "add" holds the hidden character ${code}`]);
  });

  it("is no longer than anybody reads", async () => {
    expect(await faultsOf({ description: "x".repeat(16_385) })).toMatchObject([
      expect.stringMatching(/defined in \d+ characters; 16384 are the most/u),
    ]);
  });
});
