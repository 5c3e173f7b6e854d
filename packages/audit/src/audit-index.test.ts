import { spawn } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  type AuditStoreOptions,
  type EmbeddedAuditStore,
  openAuditStore,
  queryAudit,
  verifyAudit,
} from "@sigilrt/audit";
import type { AuditFilter, AuditRecord } from "@sigilrt/enforcer";
import { createCheckpointSigner } from "@sigilrt/journal";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const signer = createCheckpointSigner("gateway", Buffer.alloc(32, 7));
const covers = (pattern: string, capability: string): boolean =>
  pattern.endsWith("*") ? capability.startsWith(pattern.slice(0, -1)) : pattern === capability;
let folder: string;
let dir: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-index-"));
  dir = join(folder, "audit");
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const open = (options: Partial<AuditStoreOptions> = {}): Promise<EmbeddedAuditStore> =>
  openAuditStore(dir, { signer, sinks: [], covers, ...options });
const check = (capability: string, more: Partial<AuditRecord> = {}): AuditRecord => ({
  action: "capability_check",
  actor: "ada",
  plugin: "notes",
  capability,
  result: "allowed",
  reason: "allowed",
  ...more,
});
const index = (): string => join(dir, "index.db");
const change = (sql: string): void => {
  const database = new DatabaseSync(index());
  database.exec(sql);
  database.close();
};
/** A closed store of six records, found by the index. */
const written = async (): Promise<void> => {
  await using store = await open();
  await store.append([1, 2, 3, 4, 5, 6].map((n) => check(`kv.n${n}`, { actor: `u${n % 2}` })));
  await store.query({});
};
const namesOf = async (store: EmbeddedAuditStore, filter: AuditFilter = {}) =>
  (await store.query(filter)).records.map(({ capability }) => capability);
const all = ["kv.n6", "kv.n5", "kv.n4", "kv.n3", "kv.n2", "kv.n1"];

describe("the index", () => {
  it("is a file for its owner alone, and health names it", async () => {
    await using store = await open();
    await store.append([check("kv.read")]);
    await store.query({});
    expect(store.health()).toMatchObject({ index: "sqlite" });
    expect(statSync(index()).mode & 0o777).toBe(0o600);
  });

  it("is not made for a store that scans", async () => {
    await using store = await open({ index: "scan" });
    await store.append([check("kv.read")]);
    expect(await namesOf(store)).toEqual(["kv.read"]);
    expect(store.health().index).toBe("scan");
    expect(existsSync(index())).toBe(false);
  });

  it(
    "answers like a scan: random records, filters and pages, appends between pages, several segments",
    { timeout: 60_000 },
    async () => {
      const random = generator(20_261_121);
      const pick = <T>(values: readonly T[]): T =>
        values[Math.floor(random() * values.length)] as T;
      const texts = ["a", "b", "é", "\0x", "\u{1F600}", "hmac:00", "A", ""];
      let now = Date.parse("2026-01-01T00:00:00.000Z");
      const time = (): string =>
        new Date(now + Math.floor((random() - 0.8) * 40_000)).toISOString();
      const record = (): AuditRecord =>
        check(pick(["kv.read", "kv.write", "exec.run", "kv.\0", "é.x"]), {
          actor: pick(texts),
          plugin: pick(texts),
          workspace: pick(texts),
          result: pick(["allowed", "denied"] as const),
          ...(random() < 0.2 ? { action: "plugin.started" as const } : {}),
          ...(random() < 0.3 ? { trace: pick(["aa", "bb"]) } : {}),
        });
      const maybe = (filter: AuditFilter): AuditFilter => (random() < 0.25 ? filter : {});
      const filter = (): AuditFilter => ({
        ...maybe({ actor: pick([...texts, "\uD800", 5 as never]) }),
        ...maybe({ plugin: pick(texts) }),
        ...maybe({ workspace: pick(texts) }),
        ...maybe({ capability: pick(["kv.*", "*", "kv.read", "é.*", "kv.\0"]) }),
        ...maybe({ result: "denied" }),
        ...maybe({ action: "plugin.started" }),
        ...maybe({ trace: "aa" }),
        ...maybe({ seq: pick([1, 2, 7, 1.5, Number.NaN]) }),
        ...maybe({ from: time() }),
        ...maybe({ to: time() }),
      });
      await using store = await open({ segmentBytes: 20_000, clock: { now: () => now } });
      let pages = 0;
      for (let round = 0; round < 60; round += 1) {
        now += Math.floor((random() - 0.2) * 2_000);
        // oxlint-disable-next-line no-await-in-loop -- rounds follow each other
        await store.append(Array.from({ length: 1 + Math.floor(random() * 9) }, record));
        const asked = filter();
        const limit = 1 + Math.floor(random() * 12);
        let cursor: string | undefined;
        do {
          const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
          // oxlint-disable-next-line no-await-in-loop -- page after page
          const scanned = await queryAudit(dir, asked, { ...page, covers });
          // oxlint-disable-next-line no-await-in-loop -- page after page
          expect(await store.query(asked, page)).toEqual(scanned);
          ({ cursor } = scanned);
          pages += 1;
          // oxlint-disable-next-line no-await-in-loop -- between two pages
          if (random() < 0.2) await store.append([record()]);
        } while (cursor !== undefined && pages % 25 !== 0);
      }
      expect(store.health()).toMatchObject({ index: "sqlite" });
      expect(readdirSync(dir).filter((name) => name.endsWith(".jsonl")).length).toBeGreaterThan(2);
      await store.close();
      expect(await verifyAudit(dir, { index: true })).toMatchObject({ ok: true });
    },
  );

  it.each<[string, () => void]>([
    ["deleted", () => rmSync(index())],
    ["old: of a version with other tables", () => change("DROP INDEX by_actor")],
    ["no database", () => writeFileSync(index(), "not a database".repeat(1_000))],
    ["truncated", () => truncateSync(index(), 8_192)],
    ["empty", () => truncateSync(index(), 0)],
    [
      "a link to another file",
      () => {
        rmSync(index());
        writeFileSync(join(folder, "other"), "");
        symlinkSync(join(folder, "other"), index());
      },
    ],
    [
      "made to delete by a trigger",
      () => change("CREATE TRIGGER t AFTER INSERT ON records BEGIN DELETE FROM records; END"),
    ],
    ["newer than the journal", () => change("UPDATE segments SET bytes = bytes + 1000")],
    ["of another journal", () => change(`UPDATE segments SET head = 'sha256:00'`)],
    [
      "told of a segment that is not there",
      () => change("INSERT INTO segments VALUES (9,1,1,'',0)"),
    ],
    ["told a number that is none", () => change("UPDATE segments SET bytes = 9223372036854775807")],
  ])("is made anew when it is %s", async (_, damage) => {
    await written();
    damage();
    await using store = await open();
    expect(await namesOf(store)).toEqual(all);
    expect(await namesOf(store, { actor: "u0" })).toEqual(["kv.n6", "kv.n4", "kv.n2"]);
    expect(store.health()).toMatchObject({ index: "sqlite" });
    expect(store.health().lastError).toBeUndefined();
    await store.close();
    expect(await verifyAudit(dir, { index: true })).toMatchObject({ ok: true });
  });

  it("catches up with what was appended while it was off", async () => {
    await written();
    const scanning = await open({ index: "scan" });
    await scanning.append([check("kv.n7")]);
    await scanning.close();
    await using store = await open();
    expect(await namesOf(store)).toEqual(["kv.n7", ...all]);
  });

  const copyOf =
    "INSERT INTO records SELECT segment, 99, offset, length, hash, at, decision, actor, plugin, workspace, capability, result, reason, action, trace FROM records WHERE seq = 3";
  it.each<[string, string]>([
    ["another actor", "UPDATE records SET actor = 'eve' WHERE seq = 3"],
    ["another place", "UPDATE records SET offset = offset + 1 WHERE seq = 3"],
    [
      "the place of another record",
      "UPDATE records SET (offset, length, hash) = (SELECT offset, length, hash FROM records WHERE seq = 5) WHERE seq = 3",
    ],
    ["another hash", "UPDATE records SET hash = 'sha256:00' WHERE seq = 3"],
    ["an invented record", copyOf],
    ["a place before the file", "UPDATE records SET offset = -5 WHERE seq = 3"],
    ["an absurd length", "UPDATE records SET length = 9000000000 WHERE seq = 3"],
    ["a segment that is not there", copyOf.replace("segment, 99", "7, 99")],
  ])("never answers with a forged row: %s", async (_, sql) => {
    await written();
    change(sql);
    expect(await verifyAudit(dir, { index: true })).toMatchObject({
      ok: false,
      kind: "index_row_forged",
    });
    await using store = await open();
    expect(await namesOf(store, { actor: "eve" })).toEqual([]);
    expect(await namesOf(store)).toEqual(all);
    expect(store.health()).toMatchObject({ index: "sqlite" });
    await store.close();
    expect(await verifyAudit(dir, { index: true })).toMatchObject({ ok: true });
  });

  it("never takes for a record what a plugin wrote inside one", async () => {
    const store = await open();
    await store.append([check("kv.true")]);
    const line =
      readFileSync(join(dir, "audit-000001.jsonl"), "utf8").trimEnd().split("\n")[1] ?? "";
    const inner = JSON.parse(line) as Record<string, unknown>;
    await store.append([check("kv.outer", { detail: { inner } })]);
    await store.query({});
    await store.close();
    const file = readFileSync(join(dir, "audit-000001.jsonl"));
    const offset = file.lastIndexOf(line);
    expect(offset).toBeGreaterThan(file.indexOf(line));
    change(`UPDATE records SET offset = ${offset} WHERE seq = 1`);
    await using again = await open();
    expect(await namesOf(again)).toEqual(["kv.outer", "kv.true"]);
    await again.close();
    expect(await verifyAudit(dir, { index: true })).toMatchObject({ ok: true });
  });

  it("shows under verification which record it hides", async () => {
    await written();
    change("DELETE FROM records WHERE seq = 3");
    expect(await verifyAudit(dir)).toMatchObject({ ok: true });
    const before = readdirSync(dir).toSorted();
    expect(await verifyAudit(dir, { index: true })).toEqual({
      ok: false,
      kind: "index_row_hidden",
      segment: "audit-000001",
      line: 4,
    });
    expect(readdirSync(dir).toSorted()).toEqual(before);
    rmSync(index());
    await expect(verifyAudit(dir, { index: true })).rejects.toMatchObject({ code: "IO" });
  });

  it("does not answer for a journal that was edited", async () => {
    await written();
    const path = join(dir, "audit-000001.jsonl");
    await using store = await open();
    expect(await namesOf(store)).toEqual(all);
    writeFileSync(path, readFileSync(path, "utf8").replace("kv.n3", "kv.x3"));
    await expect(store.query({})).rejects.toMatchObject({ code: "NOT_VERIFIED" });
  });

  it("gives way to the scan while another process has it locked, and appends go on", async () => {
    await written();
    const script = `const d = new (process.getBuiltinModule("node:sqlite").DatabaseSync)(process.argv[1]);
      d.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"); console.log("held"); process.stdin.resume();`;
    const holder = spawn(process.execPath, ["-e", script, index()], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    await once(holder.stdout, "data");
    await using store = await open();
    await store.append([check("kv.n7")]);
    expect(await namesOf(store)).toEqual(["kv.n7", ...all]);
    expect(store.health()).toMatchObject({
      index: "scan",
      lastError: expect.stringContaining("locked"),
    });
    await store.append([check("kv.n8")]);
    holder.kill();
    await once(holder, "exit");
    await store.close();
    await using again = await open();
    expect(await namesOf(again)).toEqual(["kv.n8", "kv.n7", ...all]);
    expect(again.health().index).toBe("sqlite");
  });
});

/** The same numbers for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
