import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { acceptUnverified, type PluginVerifier } from "@sigilrt/integrity";
import { type ConsentStore, ManagerError, PluginManager } from "@sigilrt/manager";
import { describe, expect, it } from "vitest";
import { calling, everybody, manifestOf, openWorkbench } from "./fixtures/workbench.ts";

const nobody: ConsentStore = { find: () => Promise.resolve(undefined) };
const may = (
  bench: ReturnType<typeof openWorkbench>,
  plugin: string,
  capability: string,
): boolean =>
  bench.enforcer.evaluate({
    plugin,
    capability,
    userId: everybody.user,
    workspaceId: everybody.workspace,
    workspaceAllow: ["*"],
    userPermissions: ["*"],
  }).allowed;

describe("PluginManager.discover", () => {
  it("finds one plugin in one valid folder", async () => {
    await using bench = openWorkbench();
    bench.plugin("test-tool");
    const manager = bench.manager({ verifier: acceptUnverified() });
    const report = await manager.discover();
    expect(report.admitted.map(({ plugin }) => plugin)).toEqual(["test-tool"]);
    expect(manager.list().map(({ name }) => name)).toEqual(["test-tool"]);
    expect(manager.get("test-tool")).toMatchObject({ version: "1.0.0", state: "discovered" });
  });

  it("skips a folder with invalid YAML, without throwing", async () => {
    await using bench = openWorkbench();
    bench.plugin("broken", "name: [");
    const manager = bench.manager({ verifier: acceptUnverified() });
    const report = await manager.discover();
    expect(report.skipped).toHaveLength(1);
    expect(report.skipped[0]).toMatchObject({
      rejection: { kind: "schema_violation", plugin: "broken" },
    });
    expect(manager.list()).toEqual([]);
  });

  it("registers what a manifest asks for, once a permissive verifier and consent are written out", async () => {
    await using bench = openWorkbench();
    bench.plugin("test-tool", manifestOf("test-tool", "capabilities: [sessions.read]\n"));
    await bench.manager({ verifier: acceptUnverified() }).discover();
    expect(may(bench, "test-tool", "sessions.read")).toBe(true);
    expect(may(bench, "test-tool", "sessions.write")).toBe(false);
  });

  it("grants nothing before verification and consent", async () => {
    await using bench = openWorkbench();
    bench.plugin("test-tool", manifestOf("test-tool", "capabilities: [sessions.read]\n"));
    const unverified = await bench.manager().discover();
    expect(unverified.rejected).toMatchObject([{ rejection: { kind: "integrity_mismatch" } }]);
    expect(may(bench, "test-tool", "sessions.read")).toBe(false);

    const manager = bench.manager({ verifier: acceptUnverified(), consent: nobody });
    const unconsented = await manager.discover();
    expect(unconsented.awaitingConsent).toMatchObject([
      { plugin: "test-tool", requested: ["sessions.read"], missing: ["sessions.read"] },
    ]);
    expect(may(bench, "test-tool", "sessions.read")).toBe(false);
    expect(await manager.call(calling("test-tool"))).toMatchObject({
      kind: "denied",
      publicReason: "not_available",
    });
    expect(bench.host.starts).toEqual([]);
  });

  it("asks for consent anew when a plugin asks for more, and shows what is missing", async () => {
    await using bench = openWorkbench();
    bench.plugin("test-tool", manifestOf("test-tool", "capabilities: [sessions.read, exec.run]\n"));
    const consent: ConsentStore = {
      find: () => Promise.resolve({ userId: "ada", capabilities: ["sessions.*"] }),
    };
    const report = await bench.manager({ verifier: acceptUnverified(), consent }).discover();
    expect(report.awaitingConsent).toMatchObject([{ missing: ["exec.run"] }]);
  });

  it("needs no new consent for less than was agreed to", async () => {
    await using bench = openWorkbench();
    bench.plugin("test-tool", manifestOf("test-tool", "capabilities: [sessions.read]\n"));
    const consent: ConsentStore = {
      find: () => Promise.resolve({ userId: "ada", capabilities: ["sessions.*", "exec.run"] }),
    };
    const report = await bench.manager({ verifier: acceptUnverified(), consent }).discover();
    expect(report.admitted).toHaveLength(1);
    expect(may(bench, "test-tool", "exec.run")).toBe(false);
  });

  it("admits a plugin whose bytes are locked and refuses it once a byte changed", async () => {
    await using bench = openWorkbench();
    const dir = bench.plugin("test-tool", manifestOf("test-tool"), { "main.js": "1" });
    const lockPath = await bench.lock();
    const manager = bench.manager({ lockPath });
    expect((await manager.discover()).admitted).toHaveLength(1);
    writeFileSync(join(dir, "main.js"), "2");
    const report = await manager.discover();
    expect(report.rejected).toMatchObject([
      {
        plugin: "test-tool",
        code: "VERIFICATION_FAILED",
        rejection: { kind: "integrity_mismatch" },
      },
    ]);
    expect(report.removed).toEqual(["test-tool"]);
  });

  it("unregisters a plugin that vanished, in the same generation", async () => {
    await using bench = openWorkbench();
    bench.plugin("goes", manifestOf("goes", "capabilities: [sessions.read]\n"));
    bench.plugin("stays");
    const manager = bench.manager({ verifier: acceptUnverified() });
    await manager.discover();
    rmSync(join(bench.folder, "plugins/goes"), { recursive: true });
    const report = await manager.discover();
    expect(report.removed).toEqual(["goes"]);
    expect(may(bench, "goes", "sessions.read")).toBe(false);
    expect(manager.list().map(({ name }) => name)).toEqual(["stays"]);
  });

  it("admits neither of two folders with one name and keeps the running one", async () => {
    await using bench = openWorkbench();
    const dir = bench.plugin("test-tool");
    const second = join(bench.folder, "more");
    const directories = [join(bench.folder, "plugins"), second];
    const manager = bench.manager({ verifier: acceptUnverified(), directories });
    const first = await manager.discover();
    await manager.call(calling("test-tool"));

    mkdirSync(join(second, "test-tool"), { recursive: true });
    writeFileSync(
      join(second, "test-tool/plugin.yaml"),
      manifestOf("test-tool", "description: evil\n"),
    );
    const report = await manager.discover();
    expect(report.rejected).toMatchObject([
      {
        code: "DUPLICATE_NAME",
        rejection: { kind: "duplicate_plugin", dirs: [dir, join(second, "test-tool")] },
      },
    ]);
    expect(manager.get("test-tool").digest).toBe(first.admitted[0]?.digest);
    expect(bench.host.starts).toHaveLength(1);

    const fresh = bench.manager({ verifier: acceptUnverified(), directories });
    expect((await fresh.discover()).admitted).toEqual([]);
  });

  it("verifies every plugin before any of them runs", async () => {
    await using bench = openWorkbench();
    for (const name of ["a", "b", "c", "d", "e", "f", "g", "h", "i"]) bench.plugin(name);
    const last = bench.plugin("z", manifestOf("z"), { "main.js": "good" });
    const lockPath = await bench.lock();
    writeFileSync(join(last, "main.js"), "evil");
    const manager = bench.manager({ lockPath, admission: "all-or-none", eager: ["a", "z"] });
    const report = await manager.discover();
    expect(report).toMatchObject({ published: false, rejected: [{ plugin: "z" }] });
    expect(manager.list()).toEqual([]);
    expect(bench.host.starts).toEqual([]);
  });

  it.each([
    ["a folder that is a link", (dir: string) => symlinkSync("/tmp", dir), "symlink_escape"],
    ["a folder without manifest", (dir: string) => mkdirSync(dir), "missing_manifest"],
    [
      "a manifest that is a link",
      (dir: string) => {
        mkdirSync(dir);
        symlinkSync("/etc/passwd", join(dir, "plugin.yaml"));
      },
      "missing_manifest",
    ],
    [
      "a manifest that is a folder",
      (dir: string) => mkdirSync(join(dir, "plugin.yaml"), { recursive: true }),
      "missing_manifest",
    ],
    [
      "a manifest of 10 MiB",
      (dir: string) => {
        mkdirSync(dir);
        writeFileSync(join(dir, "plugin.yaml"), "#".repeat(10 * 1_048_576));
      },
      "schema_violation",
    ],
    [
      "a folder named otherwise than its manifest",
      (dir: string) => {
        mkdirSync(dir);
        writeFileSync(join(dir, "plugin.yaml"), manifestOf("someone-else"));
      },
      "manifest_id_mismatch",
    ],
  ])("skips %s and goes on", async (_what, make, kind) => {
    await using bench = openWorkbench();
    make(join(bench.folder, "plugins/bad"));
    bench.plugin("good");
    writeFileSync(join(bench.folder, "plugins/a-file"), "");
    const report = await bench.manager({ verifier: acceptUnverified() }).discover();
    expect(report.skipped.map(({ rejection }) => rejection.kind)).toEqual([kind]);
    expect(report.admitted.map(({ plugin }) => plugin)).toEqual(["good"]);
  });

  it.each([
    [
      "a link in the tree",
      (dir: string) => symlinkSync("/etc/passwd", join(dir, "link")),
      "symlink_escape",
    ],
    [
      "a file that anybody may change",
      (dir: string) => chmodSync(join(dir, "plugin.yaml"), 0o666),
      "unsafe_mode",
    ],
    [
      "a false file list",
      (dir: string) => writeFileSync(join(dir, "manifest.txt"), ""),
      "file_list_mismatch",
    ],
  ])("refuses %s and names the plugin", async (_what, make, kind) => {
    await using bench = openWorkbench();
    make(bench.plugin("bad"));
    const report = await bench.manager({ verifier: acceptUnverified() }).discover();
    expect(report.rejected).toMatchObject([{ plugin: "bad", rejection: { kind, plugin: "bad" } }]);
  });

  it("refuses a plugin that the lock does not name, and names one that has no folder", async () => {
    await using bench = openWorkbench();
    bench.plugin("locked");
    const lockPath = await bench.lock();
    bench.plugin("stranger");
    const manager = bench.manager({ lockPath });
    expect((await manager.discover()).rejected).toMatchObject([
      { plugin: "stranger", rejection: { kind: "unlocked_plugin" } },
    ]);
    const elsewhere = bench.manager({ lockPath, directories: [join(bench.folder, "nowhere")] });
    expect((await elsewhere.discover()).rejected).toMatchObject([
      { plugin: "locked", rejection: { kind: "missing_plugin_directory" } },
    ]);
  });

  it("leaves alone what is not named one by one, locked or not, and tells of a named folder that is not there", async () => {
    await using bench = openWorkbench();
    const folders = [bench.plugin("wanted"), join(bench.folder, "plugins/gone")];
    bench.plugin("locked");
    const lockPath = await bench.lock();
    bench.plugin("broken", "name: [\n");
    const manager = bench.manager({ lockPath, folders });
    const { admitted, skipped, rejected } = await manager.discover();
    expect([admitted.map(({ plugin }) => plugin), skipped]).toEqual([["wanted"], []]);
    expect(rejected).toMatchObject([
      { plugin: "gone", rejection: { kind: "missing_plugin_directory" } },
    ]);
  });

  it("does not call a folder missing that is there and cannot be read", async () => {
    await using bench = openWorkbench();
    bench.plugin("demo");
    const lockPath = await bench.lock();
    bench.plugin("demo", "name: [\n");
    const { skipped, rejected } = await bench.manager({ lockPath }).discover();
    expect([skipped.length, rejected]).toEqual([1, []]);
  });

  it.each([
    ["1.0.1", "rollback_detected"],
    ["0.9.0", "version_mismatch"],
  ])("refuses version 1.0.0 where %s is locked: %s", async (version, kind) => {
    await using bench = openWorkbench();
    bench.plugin("demo");
    const lockPath = await bench.lock({}, version);
    expect((await bench.manager({ lockPath }).discover()).rejected).toMatchObject([
      { rejection: { kind, locked: version, actual: "1.0.0" } },
    ]);
  });

  it("publishes nothing while the lock file is malformed, and names the fault", async () => {
    await using bench = openWorkbench();
    bench.plugin("demo");
    const lockPath = await bench.lock();
    const manager = bench.manager({ lockPath });
    await manager.discover();
    writeFileSync(lockPath, "<<<<<<< HEAD\n");
    await expect(manager.discover()).rejects.toThrow(
      expect.objectContaining({
        code: "VERIFICATION_FAILED",
        rejection: { kind: "lockfile_malformed", reason: "syntax" },
      }),
    );
    expect(manager.list()).toHaveLength(1);
  });

  it("refuses a plugin for another runtime, naming both sides", async () => {
    await using bench = openWorkbench();
    bench.plugin("demo", manifestOf("demo", 'engine: ">=9"\n'));
    expect(
      (await bench.manager({ verifier: acceptUnverified() }).discover()).rejected,
    ).toMatchObject([
      {
        code: "ENGINE_UNSUPPORTED",
        message: 'Cannot load "demo": it needs a runtime ">=9", this is "0.1.0"',
      },
    ]);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no"))],
    ["answers nonsense", () => Promise.resolve("yes" as never)],
  ])("admits nothing by a verifier that %s", async (_how, verify) => {
    await using bench = openWorkbench();
    bench.plugin("demo");
    const verifier: PluginVerifier = { name: "broken", verify };
    expect((await bench.manager({ verifier }).discover()).rejected).toMatchObject([
      { rejection: { kind: "verifier_failed", verifier: "broken" } },
    ]);
  });

  it.each([
    ["fails", () => Promise.reject(new Error("down"))],
    ["holds a malformed record", () => Promise.resolve({ userId: "ada", capabilities: ["a..b"] })],
  ])("admits nothing by a consent store that %s, and loses no neighbour", async (_how, find) => {
    await using bench = openWorkbench();
    bench.plugin("demo");
    bench.plugin("other");
    const consent: ConsentStore = {
      find: (plugin, _digest, { requested }) =>
        plugin === "demo" ? find() : Promise.resolve({ userId: "ada", capabilities: requested }),
    };
    const report = await bench.manager({ verifier: acceptUnverified(), consent }).discover();
    expect(report.rejected.map(({ plugin }) => plugin)).toEqual(["demo"]);
    expect(report.admitted.map(({ plugin }) => plugin)).toEqual(["other"]);
  });

  it("publishes nothing when admission cannot be recorded", async () => {
    await using bench = openWorkbench();
    bench.plugin("demo");
    const manager = bench.manager({ verifier: acceptUnverified() });
    bench.failAuditAfter(0);
    await expect(manager.discover()).rejects.toThrow("disk full");
    expect(manager.list()).toEqual([]);
    expect(bench.enforcer.generation).toBe(0);
  });

  it("lists by name, in bytes, and takes a missing directory for an empty one", async () => {
    await using bench = openWorkbench();
    for (const name of ["zebra", "a1", "a-b"]) bench.plugin(name);
    const manager = bench.manager({
      verifier: acceptUnverified(),
      directories: [join(bench.folder, "absent"), join(bench.folder, "plugins")],
    });
    await manager.discover();
    expect(manager.list().map(({ name }) => name)).toEqual(["a-b", "a1", "zebra"]);
    expect(() => manager.get("absent")).toThrow(ManagerError);
  });

  it("stops between folders when its signal aborts, and publishes nothing", async () => {
    await using bench = openWorkbench();
    bench.plugin("demo");
    const manager = bench.manager({ verifier: acceptUnverified() });
    await expect(manager.discover({ signal: AbortSignal.abort() })).rejects.toThrow(/abort/iu);
    expect(manager.list()).toEqual([]);
  });

  it("records who was admitted and who was refused", async () => {
    await using bench = openWorkbench();
    bench.plugin("good");
    symlinkSync("/etc/passwd", join(bench.plugin("bad"), "link"));
    await bench.manager({ verifier: acceptUnverified() }).discover();
    const { records } = await bench.audit.query({});
    expect(
      records.map(({ action, plugin, reason }) => [action, plugin, reason]).toReversed(),
    ).toEqual([
      ["plugin.admitted", "good", "ok"],
      ["plugin.refused", "bad", "symlink_escape"],
      ["grant.registered", "good", expect.any(String)],
    ]);
  });
});

describe("new PluginManager", () => {
  it.each(["directories", "hosts", "verifier", "consent", "enforcer", "audit", "engine"])(
    "is not made without %s",
    async (missing) => {
      await using bench = openWorkbench();
      expect(() => bench.manager({ [missing]: undefined })).toThrow(TypeError);
      expect(() => new PluginManager(undefined as never)).toThrow(TypeError);
    },
  );
});
