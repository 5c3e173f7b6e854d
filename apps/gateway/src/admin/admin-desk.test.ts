import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuditStore, createMemoryAuditStore, Enforcer } from "@sigilrt/enforcer";
import { acceptUnverified } from "@sigilrt/integrity";
import { createFakeHost, createManualClock, type FakeHost } from "@sigilrt/lifecycle/testing";
import { acceptDeclared, PluginManager } from "@sigilrt/manager";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AdminDesk, createAdminDesk } from "./admin-desk.ts";
import { secretStore } from "../secrets/secret-store.ts";
import { countCrashes } from "./crash-count.ts";
import { createPluginLogs } from "./plugin-logs.ts";

let folder: string;
let manager: PluginManager;
let host: FakeHost;
let desk: AdminDesk;
let audit: AuditStore;
/** Appends that still succeed. */
let left: number;
/** Runs when a plugin is started. */
let onStart: () => Promise<void>;
const once = { clearQuarantine: false };

const lay = (name: string, version = "1.0.0", more = ""): void => {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(
    join(folder, name, "plugin.yaml"),
    `name: ${name}\nversion: ${version}\ntype: tool\nexecution: { tier: process }\nentry: { command: [node, main.js] }\n${more}`,
  );
};
const listed = (names: readonly string[]): void =>
  writeFileSync(
    join(folder, "gateway.yaml"),
    JSON.stringify({
      data: "data",
      plugins: Object.fromEntries(names.map((name) => [name, { path: name }])),
    }),
  );

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "desk-"));
  left = Number.POSITIVE_INFINITY;
  onStart = () => Promise.resolve();
  const memory = createMemoryAuditStore({ maxRecords: 10_000 });
  audit = {
    append: (records, options) => {
      left -= 1;
      return left >= 0 ? memory.append(records, options) : Promise.reject(new Error("disk full"));
    },
    query: (filter, page) => memory.query(filter, page),
  };
  host = createFakeHost({
    adapters: ["grpc"],
    plugin: () => ({ tools: {}, start: () => onStart() }),
  });
  const enforcer = new Enforcer(audit, Date);
  lay("demo");
  listed(["demo"]);
  const folders = [join(folder, "demo")];
  manager = new PluginManager({
    directories: [],
    folders,
    hosts: { grpc: host },
    verifier: acceptUnverified(),
    consent: acceptDeclared(),
    enforcer,
    audit,
    engine: "0.1.0",
    restart: { quarantineAfter: 1 },
    clock: createManualClock(1_000),
  });
  desk = createAdminDesk({
    manager,
    enforcer,
    audit,
    logs: createPluginLogs(),
    consents: { ...acceptDeclared(), refresh: () => Promise.resolve() },
    folders,
    configuration: join(folder, "gateway.yaml"),
    crashes: countCrashes(manager),
    reloadConfiguration: async () => ({ changed: false, digest: "" }),
    secrets: secretStore({ boxes: join(folder, "secrets"), key: join(folder, "secrets.key") }),
    report: await manager.discover(),
    actor: "operator:7",
  });
});
afterEach(async () => {
  await manager.close();
  rmSync(folder, { recursive: true });
});

const admin = async (): Promise<readonly string[]> => {
  const { records } = await audit.query({ actor: "operator:7" });
  return records
    .map(({ action, capability, result, reason }) => `${action} ${capability} ${result} ${reason}`)
    .toReversed();
};

describe("the desk of a gateway", () => {
  it("has an act on record before its effect, and its end after it", async () => {
    let before: readonly string[] = [];
    onStart = async () => {
      before = await admin();
    };
    expect(await desk.act("demo", "start", once)).toMatchObject({ outcome: "started" });
    const decided = "capability_check admin.start.demo allowed allowed";
    expect(before).toEqual([decided]);
    expect(await admin()).toEqual([decided, "call.completed admin.start.demo ok started"]);
  });

  it.each(["start", "stop", "reload", "rollback"] as const)(
    "does nothing when a %s cannot be recorded",
    async (act) => {
      left = 0;
      await expect(desk.act("demo", act, once)).rejects.toThrow("disk full");
      expect(host.starts).toEqual([]);
      expect(desk.list()).toMatchObject([{ state: "discovered" }]);
    },
  );

  it("says that an end is not on record", async () => {
    left = 1;
    expect(await desk.act("demo", "stop", once)).toMatchObject({
      outcome: "stopped",
      message: "It is done, and how it ended is not on record",
    });
  });

  it("records nothing for a plugin it was never told of", async () => {
    expect(await desk.act("ghost", "start", once)).toBeUndefined();
    expect([desk.inspect("ghost"), await admin()]).toEqual([undefined, []]);
  });

  it("counts crashes, refuses what is quarantined, and clears it when it is told to", async () => {
    await desk.act("demo", "start", once);
    const [id = ""] = host.running;
    host.crash(id);
    expect(await desk.act("demo", "start", once)).toMatchObject({
      outcome: "refused",
      code: "QUARANTINED",
    });
    expect(desk.list()).toMatchObject([
      { name: "demo", state: "error", crashes: 1, reason: expect.stringContaining("quarantined") },
    ]);
    expect((await admin()).at(-1)).toBe("call.completed admin.start.demo failed QUARANTINED");
    expect(await desk.act("demo", "start", { clearQuarantine: true })).toMatchObject({
      outcome: "started",
    });
    expect(desk.list()).toMatchObject([{ state: "running" }]);
  });

  it("reloads what lies there, and goes back", async () => {
    lay("demo", "2.0.0");
    expect(await desk.act("demo", "reload", once)).toMatchObject({
      outcome: "replaced",
      version: "2.0.0",
    });
    expect(await desk.act("demo", "reload", once)).toMatchObject({ outcome: "unchanged" });
    expect(await desk.act("demo", "rollback", once)).toMatchObject({
      outcome: "replaced",
      version: "1.0.0",
    });
  });

  it("takes in a plugin that is listed, and none that is not", async () => {
    lay("other");
    expect(await desk.approved("other")).toMatchObject({ code: "PLUGIN_NOT_FOUND" });
    listed(["demo", "other"]);
    expect(await desk.approved("other")).toMatchObject({ outcome: "admitted", version: "1.0.0" });
    expect(desk.list().map(({ name }) => name)).toEqual(["demo", "other"]);
    expect(host.starts).toEqual([]);
  });

  it("sets a declared secret on record and never its value, and stops what holds the one before", async () => {
    lay("demo", "1.0.0", "secrets: [{name: token, required: false}]\n");
    await desk.act("demo", "start", once);
    const change = { plugin: "demo", name: "token", value: "hunter22" };
    expect(await desk.changeSecret(change)).toMatchObject({ outcome: "started" });
    expect(host.starts).toHaveLength(2);
    expect(await desk.secrets()).toMatchObject([
      { plugin: "demo", name: "token", set: expect.stringMatching(/Z$/u) },
    ]);
    expect((await admin()).slice(2)).toEqual([
      "capability_check admin.secret.set.demo allowed allowed",
      "call.completed admin.secret.set.demo ok started",
    ]);
    const { records } = await audit.query({ actor: "operator:7" });
    expect(records[0]).toMatchObject({ detail: { secret: "token" } });
    expect(JSON.stringify(records)).not.toContain("hunter22");

    expect(await desk.changeSecret({ plugin: "demo", name: "token" })).toMatchObject({
      outcome: "started",
    });
    expect(await desk.changeSecret({ plugin: "demo", name: "token" })).toMatchObject({
      outcome: "unchanged",
    });
    expect(JSON.stringify(await desk.secrets())).not.toContain("hunter22");
  });

  it.each([
    ["that is not declared", "demo", "other", "declares no secret of this name"],
    ["of a plugin that is not listed", "ghost", "token", "lists no such plugin"],
  ])("keeps no secret %s", async (_what, plugin, name, message) => {
    lay("demo", "1.0.0", "secrets: [{name: token}]\n");
    await expect(desk.changeSecret({ plugin, name, value: "hunter22" })).rejects.toThrow(message);
    expect([existsSync(join(folder, "secrets")), await admin()]).toEqual([false, []]);
  });

  it("keeps no secret that cannot be recorded", async () => {
    lay("demo", "1.0.0", "secrets: [{name: token}]\n");
    left = 0;
    const change = { plugin: "demo", name: "token", value: "hunter22" };
    await expect(desk.changeSecret(change)).rejects.toThrow("disk full");
    expect(existsSync(join(folder, "secrets"))).toBe(false);
  });

  it("shows what was granted", () => {
    expect(desk.inspect("demo")).toMatchObject({ allow: ["tool.demo.*"], except: [] });
  });
});
