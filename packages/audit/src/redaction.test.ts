import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AuditStoreOptions,
  type EmbeddedAuditStore,
  openAuditStore,
  verifyAudit,
} from "@sigilrt/audit";
import type { AuditRecord } from "@sigilrt/enforcer";
import { createCheckpointSigner } from "@sigilrt/journal";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const signer = createCheckpointSigner("gateway", Buffer.alloc(32, 7));
const covers = (pattern: string, capability: string): boolean => pattern === capability;
let folder: string;
let dir: string;
let keyFile: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-redaction-"));
  dir = join(folder, "audit");
  keyFile = join(folder, "redaction.key");
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const everything = { users: "token", paths: "token", capabilities: "token" } as const;
const open = (options: Partial<AuditStoreOptions> = {}): Promise<EmbeddedAuditStore> =>
  openAuditStore(dir, {
    signer,
    sinks: [],
    covers,
    redact: { keyFile, ...everything },
    ...options,
  });
const record = (more: Partial<AuditRecord> = {}): AuditRecord => ({
  action: "capability_check",
  actor: "SECRET-user",
  plugin: "notes",
  capability: "kv.SECRET-name",
  result: "allowed",
  reason: "allowed",
  matched: { user: "kv.SECRET-pattern" } as never,
  detail: {
    path: "/home/SECRET/x",
    by: "SECRET-user",
    asked: "kv.SECRET-name",
    nested: [{ "C:\\SECRET": Object.assign(Object.create(null), { at: "./SECRET" }) as object }],
    sha256: "ab12",
  },
  ...more,
});

describe("redaction", () => {
  it("leaves no secret in any file of the store, index and checkpoints too", async () => {
    const store = await open();
    await store.append([record(), record({ actor: "system:gateway", detail: {} })]);
    await store.query({});
    await store.close();
    const names = readdirSync(dir);
    expect(names).toContain("index.db");
    const telling = names.filter((name) => readFileSync(join(dir, name)).includes("SECRET"));
    expect(telling).toEqual([]);
    const text = readFileSync(join(dir, "audit-000001.jsonl"), "utf8");
    expect(text).toContain("system:gateway");
    expect(text).toContain("ab12");
    expect(await verifyAudit(dir, { index: true })).toMatchObject({ ok: true });
  });

  it.each(["sqlite", "scan"] as const)(
    "keeps equal values equal, and finds them by the plain value: %s",
    async (index) => {
      const first = await open({ index });
      await first.append([record(), record({ actor: "SECRET-other", capability: "kv.b" })]);
      await first.close();
      await using store = await open({ index });
      await store.append([record()]);
      const { records } = await store.query({ actor: "SECRET-user" });
      expect(records.map(({ seq }) => seq)).toEqual([3, 1]);
      const [newest, oldest] = records;
      expect(newest?.actor).toMatch(/^hmac:[0-9a-f]{32}$/u);
      expect(newest?.actor).toBe(oldest?.actor);
      expect(newest?.detail).toEqual(oldest?.detail);
      expect(newest?.detail).toMatchObject({ by: newest?.actor, asked: newest?.capability });
      const found = await store.query({ capability: "kv.SECRET-name" });
      expect(found.records).toEqual(records);
      expect((await store.query({ actor: newest?.actor ?? "" })).records).toEqual(records);
      expect((await store.query({ actor: "SECRET" })).records).toEqual([]);
    },
  );

  it("keeps what it is not told to replace, and finds what was written in clear before", async () => {
    const plain = await openAuditStore(dir, { signer, sinks: [] });
    await plain.append([record()]);
    await plain.close();
    await using store = await open({ redact: { keyFile, users: "token" } });
    await store.append([record()]);
    const { records } = await store.query({ actor: "SECRET-user" });
    expect(records.map(({ capability }) => capability)).toEqual([
      "kv.SECRET-name",
      "kv.SECRET-name",
    ]);
    expect(records[0]).toMatchObject({
      actor: expect.stringMatching(/^hmac:/u),
      matched: { user: "kv.SECRET-pattern" },
      detail: { path: "/home/SECRET/x", by: expect.stringMatching(/^hmac:/u) },
    });
  });

  it("has a key for its owner alone; with the key goes the way to the records", async () => {
    const first = await open();
    await first.append([record()]);
    await first.close();
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    rmSync(keyFile);
    await using store = await open();
    expect((await store.query({ actor: "SECRET-user" })).records).toEqual([]);
    expect((await store.query({})).records).toHaveLength(1);
  });

  it.each<[string, () => void]>([
    ["that others may read", () => chmodSync(keyFile, 0o640)],
    ["that is no key", () => writeFileSync(keyFile, "x".repeat(65), { mode: 0o600 })],
    ["that is empty", () => writeFileSync(keyFile, "")],
    [
      "that is a link",
      () => {
        rmSync(keyFile);
        symlinkSync(join(folder, "elsewhere"), keyFile);
      },
    ],
  ])("refuses a key file %s, before anything is opened", async (_, damage) => {
    await (await open()).close();
    damage();
    await expect(open()).rejects.toMatchObject({ code: "IO" });
    rmSync(keyFile);
    await (await open()).close();
  });

  it("refuses a key in the folder of the log, also by another name for it", async () => {
    await (await open()).close();
    symlinkSync(dir, join(folder, "alias"));
    for (const inside of [join(dir, "key"), join(folder, "alias", "key")]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await expect(open({ redact: { keyFile: inside, ...everything } })).rejects.toThrow(
        RangeError,
      );
    }
  });
});
