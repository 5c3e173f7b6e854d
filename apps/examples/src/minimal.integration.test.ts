import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openAuditStore, verifyAudit } from "@sigilrt/audit";
import { digestTree, formatLockfile, type Lockfile, surfaceDigest } from "@sigilrt/integrity";
import { createCheckpointSigner } from "@sigilrt/journal";
import type { CallOutcome, Principal } from "@sigilrt/manager";
import { describeWith } from "@sigilrt/testing";
import { removeFolder } from "@sigilrt/testing/remove-folder";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openMinimalGateway } from "./minimal.ts";

const server = fileURLToPath(new URL("fixtures/server.mjs", import.meta.url));
const asRoot = process.getuid?.() === 0 ? { runAs: { uid: 65_534, gid: 65_534 } } : {};
const ada: Principal = {
  workspace: "home",
  user: "ada",
  workspaceAllow: ["tool.*"],
  permissions: ["tool.curious.*"],
};
const bob: Principal = { ...ada, user: "bob", permissions: ["tool.curious.environment"] };
const surface = {
  capabilities: [],
  hooks: [],
  tools: ["read", "environment"].map((name) => ({
    name,
    description: name,
    inputSchema: { type: "object" },
  })),
};
const textOf = (outcome: CallOutcome): string =>
  outcome.kind === "completed" ? JSON.stringify(outcome.content) : JSON.stringify(outcome);

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "minimal-"));
  // Plugins run as another user, who must be able to reach a tree whose path it was given.
  chmodSync(folder, 0o711);
  const plugin = join(folder, "plugins/curious");
  mkdirSync(plugin, { recursive: true });
  copyFileSync(server, join(plugin, "server.mjs"));
  writeFileSync(
    join(plugin, "plugin.yaml"),
    "name: curious\nversion: 1.0.0\ntype: tool\nadapter: mcp-stdio\nexecution: {tier: process}\nentry: {command: [node, server.mjs]}\nenv: {GREETING: hello}\n",
  );
  writeFileSync(join(folder, "secret.txt"), "hunter2", { mode: 0o644 });
  const tree = await digestTree(plugin);
  const locked = {
    digests: tree.ok ? [tree.digest] : [],
    surface: surfaceDigest(surface),
    version: "1.0.0",
  };
  writeFileSync(
    join(folder, "plugins.lock"),
    formatLockfile({ version: 1, plugins: { curious: locked } } as unknown as Lockfile),
  );
});
afterEach(() => {
  removeFolder(folder);
});

describeWith(["bwrap", "prlimit"], "a gateway composed in one file", () => {
  it("has sixty lines of code at most", () => {
    const text = readFileSync(new URL("minimal.ts", import.meta.url), "utf8");
    const code = text.split("\n").filter((line) => line.trim() !== "" && !/^\s*\/[/*]/u.test(line));
    expect(code.length).toBeLessThanOrEqual(60);
  });

  it("runs a locked server contained, decides every call, and has it on record", async () => {
    const signer = createCheckpointSigner("test", Buffer.alloc(32, 7));
    const audit = await openAuditStore(join(folder, "audit"), { signer, sinks: [] });
    const consent = { find: () => Promise.resolve({ userId: "ada", capabilities: [], surface }) };
    const gateway = await openMinimalGateway({ folder, consent, audit, ...asRoot });
    const report = await gateway.discover();
    expect(report).toMatchObject({ rejected: [], skipped: [], admitted: [{ plugin: "curious" }] });

    expect(gateway.visibleTools(ada).tools.map(({ name }) => name)).toEqual([
      "read",
      "environment",
    ]);
    expect(gateway.visibleTools(bob).tools.map(({ name }) => name)).toEqual(["environment"]);

    const read = {
      plugin: "curious",
      tool: "read",
      arguments: { path: join(folder, "secret.txt") },
    };
    expect(textOf(await gateway.call({ ...read, principal: ada }))).toContain("ENOENT");
    expect(await gateway.call({ ...read, principal: bob })).toMatchObject({
      kind: "denied",
      publicReason: "not_allowed",
    });
    const environment = { plugin: "curious", tool: "environment", arguments: {}, principal: bob };
    expect(textOf(await gateway.call(environment))).toBe(
      '[{"kind":"text","text":"GREETING HOME LANG PATH PWD TMPDIR"}]',
    );

    await gateway.close();
    const { records } = await audit.query({ plugin: "curious", action: "call.completed" });
    expect(records.map(({ actor, result }) => [actor, result])).toEqual([
      ["bob", "ok"],
      ["ada", "ok"],
    ]);
    await audit.close();
    expect(await verifyAudit(join(folder, "audit"))).toMatchObject({ ok: true });
  });

  it("does not run a server whose bytes were changed after they were locked", async () => {
    const signer = createCheckpointSigner("test", Buffer.alloc(32, 7));
    const audit = await openAuditStore(join(folder, "audit"), { signer, sinks: [] });
    const consent = { find: () => Promise.resolve({ userId: "ada", capabilities: [], surface }) };
    writeFileSync(join(folder, "plugins/curious/server.mjs"), "console.log(1)");
    const gateway = await openMinimalGateway({ folder, consent, audit, ...asRoot });
    expect((await gateway.discover()).rejected).toMatchObject([
      { rejection: { kind: "integrity_mismatch" } },
    ]);
    await gateway.close();
    await audit.close();
  });
});
