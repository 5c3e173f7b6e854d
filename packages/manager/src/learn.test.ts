import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Refusal } from "@sigilrt/lifecycle";
import type { ConsentStore, Scenario } from "@sigilrt/manager";
import { parseManifest } from "@sigilrt/manifest";
import { describe, expect, it } from "vitest";
import { manifestOf, openWorkbench, type Workbench } from "./fixtures/workbench.ts";

const opened: Refusal = {
  pattern: "filesystem.read./srv/notes/a.txt",
  evidence: "tried to read /srv/notes/a.txt",
};
const scenario: Scenario = {
  calls: [
    { tool: "echo", arguments: {} },
    { tool: "crash", arguments: {} },
    { tool: "echo", arguments: {} },
  ],
};

/** A plugin that is refused something at its start and at each call. */
const openRefused = (start: () => Promise<void> = async () => undefined): Workbench =>
  openWorkbench({
    plugin: (_id, { onRefusal }) => ({
      async start() {
        onRefusal?.({ pattern: "net.connect.example.org:443", evidence: "asked for example.org" });
        await start();
      },
      tools: {
        async *echo() {
          onRefusal?.(opened);
          yield { kind: "content", content: { kind: "text", text: "no such file" } };
          yield { kind: "result", isError: true };
        },
        async *crash(_call, { crash }) {
          yield* [];
          crash();
        },
      },
    }),
  });

describe("PluginManager.learn", () => {
  it("runs a plugin once with what its manifest asks for, and proposes the manifest that it lacks", async () => {
    await using bench = openRefused();
    const text = manifestOf("demo", "capabilities: [sessions.read] # mine\n");
    const dir = bench.plugin("demo", text);
    const report = await bench.manager().learn("demo", scenario);

    expect(report).toMatchObject({
      plugin: "demo",
      version: "1.0.0",
      calls: [
        { tool: "echo", outcome: "error", message: "no such file" },
        { tool: "crash", outcome: "failed" },
        { tool: "echo", outcome: "not_run" },
      ],
      proposed: [
        { pattern: opened.pattern, evidence: [`${opened.evidence} (while echo ran)`] },
        {
          pattern: "net.connect.example.org:443",
          evidence: ["asked for example.org (while it started)"],
        },
      ],
    });
    expect(parseManifest(report.manifest).capabilities).toEqual([
      "sessions.read",
      opened.pattern,
      "net.connect.example.org:443",
    ]);
    expect(readFileSync(join(dir, "plugin.yaml"), "utf8")).toBe(text);
    expect(bench.host.starts).toMatchObject([{ spec: { grants: { allow: ["sessions.read"] } } }]);
    expect(bench.host.running).toEqual([]);
  });

  it("grants nothing, publishes nothing and records nothing", async () => {
    await using bench = openRefused();
    bench.plugin("demo");
    const manager = bench.manager();
    await manager.learn("demo", { calls: [] });
    expect(manager.list()).toEqual([]);
    expect((await bench.audit.query({})).records).toEqual([]);
  });

  it("tells what a plugin that does not start was refused", async () => {
    await using bench = openRefused(() => Promise.reject(new Error("cannot reach example.org")));
    bench.plugin("demo");
    const { calls, proposed } = await bench.manager().learn("demo", scenario);
    expect(calls).toEqual([
      {
        tool: "(start)",
        outcome: "failed",
        message: expect.stringMatching(/^Cannot start "demo"/u),
      },
    ]);
    expect(proposed).toMatchObject([{ pattern: "net.connect.example.org:443" }]);
  });

  it("refuses in a manager with real consents, for nobody agreed to the plugin", async () => {
    await using bench = openRefused();
    bench.plugin("demo");
    const consent: ConsentStore = { find: async () => undefined };
    await expect(bench.manager({ consent }).learn("demo", scenario)).rejects.toMatchObject({
      code: "CONSENT_REQUIRED",
    });
    expect(bench.host.starts).toEqual([]);
  });

  it("refuses a name that no folder has, and work after its end", async () => {
    await using bench = openRefused();
    const manager = bench.manager();
    await expect(manager.learn("demo", scenario)).rejects.toMatchObject({
      code: "PLUGIN_NOT_FOUND",
    });
    await manager.close();
    await expect(manager.learn("demo", scenario)).rejects.toMatchObject({ code: "CLOSED" });
  });

  it("refuses a name that two folders have, naming both", async () => {
    await using bench = openRefused();
    const first = bench.plugin("demo");
    const second = join(bench.folder, "more/demo");
    cpSync(first, second, { recursive: true });
    const directories = [join(bench.folder, "plugins"), join(bench.folder, "more")];
    await expect(bench.manager({ directories }).learn("demo", scenario)).rejects.toMatchObject({
      code: "DUPLICATE_NAME",
      message: expect.stringMatching(/plugins\/demo".*more\/demo"/u),
    });
    expect(bench.host.starts).toEqual([]);
  });

  it("says of a right that the manifest denies itself that it cannot be had", async () => {
    await using bench = openRefused();
    bench.plugin("demo", manifestOf("demo", "deny_capabilities: [net.connect.*]\n"));
    const { proposed, ungrantable } = await bench.manager().learn("demo", { calls: [] });
    expect(proposed).toEqual([]);
    expect(ungrantable).toMatchObject([{ reason: expect.stringContaining("overlap") }]);
  });
});
