import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  type AuditStoreOptions,
  type AuditVerdict,
  type EmbeddedAuditStore,
  exportAudit,
  fileSink,
  openAuditStore,
  queryAudit,
  resealAudit,
  verifyAudit,
} from "@sigilrt/audit";
import { createCheckpointSigner, openJournal } from "@sigilrt/journal";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const signer = createCheckpointSigner("gateway", Buffer.alloc(32, 7));
const day = 86_400_000;
let folder: string;
let dir: string;
let anchor: string;
let time: { at: number; now(): number };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-"));
  dir = join(folder, "audit");
  anchor = join(folder, "elsewhere");
  time = { at: Date.UTC(2026, 0, 1), now: () => time.at };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (options: Partial<AuditStoreOptions> = {}): Promise<EmbeddedAuditStore> =>
  openAuditStore(dir, {
    signer,
    sinks: [fileSink(anchor)],
    // Every record ends its segment.
    segmentBytes: 1,
    clock: time,
    ...options,
  });
const notes = (path = anchor): readonly string[] =>
  readFileSync(path, "utf8")
    .split("\n\n\n")
    .filter(Boolean)
    .map((note) => `${note}\n`);
const verify = (checkpoints = notes()): Promise<AuditVerdict> =>
  verifyAudit(dir, { checkpoints, keys: [signer.vkey] });
const segments = (): readonly string[] =>
  readdirSync(dir)
    .filter((name) => name.endsWith(".jsonl"))
    .toSorted();
const names = async (): Promise<readonly (string | undefined)[]> =>
  (await queryAudit(dir, { action: "plugin.started" })).records.map(({ plugin }) => plugin);
const isoDay = (number: number): string => new Date(Date.UTC(2026, 0, number)).toISOString();

async function listed<T>(source: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

/** A segment a day, with one plugin each. */
async function fill(store: EmbeddedAuditStore, plugins: readonly string[]): Promise<void> {
  for (const plugin of plugins) {
    const record = { action: "plugin.started", actor: "ada", plugin } as const;
    // oxlint-disable-next-line no-await-in-loop -- one day after the other
    await store.append([{ ...record, result: "ok", reason: "ok" }]);
    // oxlint-disable-next-line no-await-in-loop -- the next segment begins today
    await store.checkpoint();
    time.at += day;
  }
}

describe("removing old segments", () => {
  it("takes whole closed segments, and verification begins behind them", async () => {
    const store = await open();
    await fill(store, ["a", "b", "c", "d"]);
    expect(await store.prune({ before: isoDay(3), actor: "grace" })).toEqual({
      segments: ["audit-000001", "audit-000002"],
    });
    expect(segments()[0]).toBe("audit-000003.jsonl");
    expect((await store.query({ action: "plugin.started" })).records).toHaveLength(2);
    await store.close();

    expect(await verify()).toMatchObject({
      ok: true,
      pruned: { first: "audit-000003", actor: "grace", at: isoDay(5) },
    });
    expect(await names()).toEqual(["d", "c"]);
    const { records } = await queryAudit(dir, { action: "audit.pruned" });
    expect(records).toMatchObject([
      { actor: "grace", detail: { first: "audit-000003", segments: 2, before: isoDay(3) } },
    ]);
    const keys = [signer.vkey];
    const whole = await verifyAudit(dir, { checkpoints: notes(), keys, index: true });
    expect(whole).toMatchObject({ ok: true });
  });

  it("drops from the index what it held of them", async () => {
    const store = await open();
    await fill(store, ["a", "b", "c", "d"]);
    await store.query({});
    await store.prune({ before: isoDay(3), actor: "grace" });
    await store.close();
    const database = new DatabaseSync(join(dir, "index.db"), { readOnly: true });
    const oldest = ["records", "segments"].map((table) =>
      database
        .prepare(`SELECT min(${table === "records" ? "segment" : "number"}) AS at FROM ${table}`)
        .get(),
    );
    database.close();
    expect(oldest.map((row) => row?.["at"])).toEqual([3, 3]);
  });

  it("goes on: the log, its export and the next removal", async () => {
    let store = await open();
    await fill(store, ["a", "b", "c"]);
    await store.prune({ before: isoDay(2), actor: "grace" });
    await store.close();
    store = await open();
    await fill(store, ["d", "e"]);
    await store.prune({ before: isoDay(4), actor: "barbara" });
    await store.close();
    expect(await names()).toEqual(["e", "d"]);
    expect(await verify()).toMatchObject({ ok: true, pruned: { actor: "barbara" } });

    const lines = await listed(exportAudit(dir, { format: "jsonl" }));
    expect(lines[0]?.log).toBe(segments()[0]?.slice(0, 12));
    const from = { log: "audit-000001", seq: 1 };
    await expect(listed(exportAudit(dir, { format: "jsonl", from }))).rejects.toMatchObject({
      code: "NOT_VERIFIED",
    });
  });

  it("never takes the open segment, however old", async () => {
    const store = await open({ segmentBytes: 1_000_000 });
    await fill(store, ["a"]);
    expect(await store.prune({ before: isoDay(2), actor: "grace" })).toEqual({ segments: [] });
    await store.close();
    expect(segments()).toEqual(["audit-000001.jsonl"]);
  });

  it("takes what a sink that was away when it was signed has been given since", async () => {
    const sink = fileSink(anchor);
    const state = { works: true };
    const flaky = {
      store: (note: string) =>
        state.works ? sink.store(note) : Promise.reject(new Error("unplugged")),
      latest: (log: string) => sink.latest(log),
    };
    const store = await open({ sinks: [flaky] });
    state.works = false;
    await fill(store, ["a", "b"]);
    await expect(store.prune({ before: isoDay(2), actor: "grace" })).rejects.toMatchObject({
      code: "REFUSED",
    });
    state.works = true;
    expect(await store.prune({ before: isoDay(2), actor: "grace" })).toEqual({
      segments: ["audit-000001"],
    });
    await store.close();
    expect(await verify()).toMatchObject({ ok: true, pruned: { first: "audit-000002" } });
  });

  it("is finished by verification where a crash left some of the files", async () => {
    const store = await open();
    await fill(store, ["a", "b", "c"]);
    const kept = readFileSync(join(dir, "audit-000002.jsonl"));
    await store.prune({ before: isoDay(3), actor: "grace" });
    await store.close();
    writeFileSync(join(dir, "audit-000002.jsonl"), kept);
    expect(await verify()).toMatchObject({ ok: true, pruned: { first: "audit-000003" } });
  });

  it("verifies whole again where the removed segments were brought back", async () => {
    const store = await open();
    await fill(store, ["a", "b", "c"]);
    const kept = segments().map((name) => [name, readFileSync(join(dir, name))] as const);
    await store.prune({ before: isoDay(3), actor: "grace" });
    await store.close();
    for (const [name, bytes] of kept.slice(0, 2)) writeFileSync(join(dir, name), bytes);
    const verdict = await verify();
    expect(verdict).toMatchObject({ ok: true });
    expect(verdict).not.toHaveProperty("pruned");
    expect(await names()).toEqual(["c", "b", "a"]);
  });

  it("takes a damaged segment that a person gave up, and its loss with it", async () => {
    const store = await open();
    await fill(store, ["a", "b"]);
    await store.close();
    const path = join(dir, "audit-000001.jsonl");
    writeFileSync(path, readFileSync(path, "utf8").replace('"plugin":"a"', '"plugin":"x"'));
    const sinks = [fileSink(anchor)];
    await resealAudit(dir, { signer, sinks, actor: "grace", reason: "bit rot", clock: time });
    const again = await open();
    await fill(again, ["c", "d"]);
    await again.prune({ before: isoDay(4), actor: "grace" });
    await again.close();
    const verdict = await verify();
    expect(verdict).toMatchObject({ ok: true, pruned: { actor: "grace" } });
    expect(verdict).not.toHaveProperty("losses");
  });
});

describe("removing refuses", () => {
  it.each([
    ["without a sink", () => []],
    [
      "when the sink holds nothing",
      () => [{ store: async () => undefined, latest: async () => undefined }],
    ],
    [
      "when the sink answers the note of another key",
      () => [
        {
          store: async () => undefined,
          latest: async () =>
            notes(`${dir}/audit-000001.jsonl.checkpoints`).at(-1)?.replace("gateway", "mallory"),
        },
      ],
    ],
  ])("%s", async (_, sinksOf) => {
    const store = await open({ sinks: sinksOf() });
    await fill(store, ["a", "b"]);
    await expect(store.prune({ before: isoDay(3), actor: "grace" })).rejects.toMatchObject({
      code: "REFUSED",
    });
    await store.close();
    expect(segments()).toContain("audit-000001.jsonl");
    expect(await names()).toEqual(["b", "a"]);
  });

  it("a segment that does not verify: it is evidence", async () => {
    const store = await open();
    await fill(store, ["a", "b"]);
    const path = join(dir, "audit-000001.jsonl");
    writeFileSync(path, readFileSync(path, "utf8").replace('"plugin":"a"', '"plugin":"x"'));
    await expect(store.prune({ before: isoDay(3), actor: "grace" })).rejects.toMatchObject({
      code: "NOT_VERIFIED",
    });
    await store.close();
    expect(segments()).toContain("audit-000001.jsonl");
  });

  it("a segment that was written anew since the sink saw it", async () => {
    const store = await open();
    await fill(store, ["a", "b"]);
    await store.close();
    const path = join(dir, "audit-000001.jsonl");
    rmSync(path);
    rmSync(`${path}.checkpoints`);
    const mallory = createCheckpointSigner("gateway", Buffer.alloc(32, 9));
    const forged = await openJournal(path, {
      log: "audit-000001",
      signer: mallory,
      sinks: [],
      clock: { now: () => 0 },
    });
    await forged.append([{ type: "audit.opened", body: { key: signer.vkey } }]);
    await forged.seal();
    await forged.close();
    const again = await open();
    // A longer one that is whole stands behind it, but the one that was forged may not go as if it had been anchored.
    await expect(again.prune({ before: isoDay(2), actor: "grace" })).rejects.toMatchObject({
      code: "REFUSED",
    });
    await again.close();
  });

  it.each(["soon", "2026-13-01T00:00:00Z", "2030-01-01T00:00:00Z"])(
    "the time %s",
    async (before) => {
      const store = await open();
      await fill(store, ["a"]);
      await expect(store.prune({ before, actor: "grace" })).rejects.toThrow(RangeError);
      await store.close();
      await expect(store.prune({ before: isoDay(1), actor: "grace" })).rejects.toMatchObject({
        code: "CLOSED",
      });
    },
  );
});

describe("after a removal", () => {
  it("one that nobody signed is a missing segment", async () => {
    const store = await open();
    await fill(store, ["a", "b", "c"]);
    await store.prune({ before: isoDay(2), actor: "grace" });
    await store.close();
    expect(await verifyAudit(dir)).toEqual({
      ok: false,
      kind: "segment_missing",
      segment: "audit-000001",
    });
    // What was removed besides, by somebody without the key.
    rmSync(join(dir, "audit-000002.jsonl"));
    expect(await verify()).toEqual({ ok: false, kind: "segment_missing", segment: "audit-000002" });
  });

  it("whoever can write the folder cannot remove the beginning and announce it", async () => {
    const store = await open({ sinks: [] });
    await fill(store, ["a", "b"]);
    await store.close();
    const kept = notes(`${dir}/audit-000002.jsonl.checkpoints`);
    const [beginning = ""] = readFileSync(join(dir, "audit-000002.jsonl"), "utf8").split("\n");
    const { log, size, root, entry_hash: head } = JSON.parse(beginning).body;
    const checkpoint = notes(`${dir}/audit-000001.jsonl.checkpoints`).at(-1) ?? "";
    rmSync(join(dir, "audit-000001.jsonl"));
    const mallory = createCheckpointSigner("gateway", Buffer.alloc(32, 9));
    const last = segments().at(-1) ?? "";
    const options = { log: last.slice(0, 12), signer: mallory, sinks: [] };
    const journal = await openJournal(join(dir, last), options);
    const body = {
      actor: "grace",
      first: "audit-000002",
      log,
      size,
      root,
      entry_hash: head,
      checkpoint,
    };
    await journal.append([{ type: "audit.pruned", body }]);
    await journal.close();
    const missing = { ok: false, kind: "segment_missing", segment: "audit-000001" };
    expect(await verify(kept)).toEqual(missing);
    expect(await verifyAudit(dir)).toEqual(missing);
  });

  it("another beginning than the one that was announced shows", async () => {
    const store = await open();
    await fill(store, ["a", "b", "c"]);
    await store.prune({ before: isoDay(3), actor: "grace" });
    await store.close();
    const first = notes().filter((note) => note.includes("/audit-000002\n"));
    expect(first.length).toBeGreaterThan(0);
    const path = join(dir, "audit-000003.jsonl");
    rmSync(path);
    const mallory = createCheckpointSigner("gateway", Buffer.alloc(32, 9));
    const forged = await openJournal(path, { log: "audit-000003", signer: mallory, sinks: [] });
    await forged.append([{ type: "audit.opened", body: { key: signer.vkey } }]);
    await forged.seal();
    await forged.close();
    const rest = notes().filter((note) => !note.includes("/audit-000003\n"));
    expect(await verify(rest)).toMatchObject({ ok: false, kind: "segment_link_broken" });
  });

  it("a checkpoint of what was removed still has to agree", async () => {
    const store = await open();
    await fill(store, ["a", "b", "c"]);
    await store.prune({ before: isoDay(3), actor: "grace" });
    await store.close();
    const other = join(folder, "other.jsonl");
    const elsewhere = await openJournal(other, { log: "audit-000002", signer, sinks: [] });
    await elsewhere.append(["x", "y", "z", "w"].map((type) => ({ type, body: {} })));
    await elsewhere.close();
    const contradiction = notes(`${other}.checkpoints`).at(-1) ?? "";
    const rest = notes().filter((note) => !note.includes("/audit-000002\n"));
    expect(await verify(rest)).toMatchObject({ ok: true });
    expect(await verify([...rest, contradiction])).toMatchObject({
      ok: false,
      segment: "audit-000002",
    });
  });
});

describe("retention", () => {
  it("removes by itself what is old enough, when a segment begins and when the store opens", async () => {
    const store = await open({ retainMs: 2 * day });
    await fill(store, ["a", "b", "c", "d"]);
    await store.close();
    expect((await names()).at(-1)).not.toBe("a");
    time.at += 10 * day;
    const again = await open({ retainMs: 2 * day });
    await again.close();
    expect(await names()).toEqual([]);
    expect(await verify()).toMatchObject({ ok: true, pruned: { actor: "system:retention" } });
  });

  it("tells of it in health when no sink vouches for what is old", async () => {
    const sink = { store: async () => undefined, latest: async () => undefined };
    const store = await open({ retainMs: day, sinks: [sink] });
    await fill(store, ["a", "b", "c"]);
    await store.close();
    expect(store.health().lastError).toMatch(/no sink has a checkpoint/u);
    expect(await names()).toEqual(["c", "b", "a"]);
  });

  it.each([{ retainMs: 0 }, { retainMs: Number.NaN }, { retainMs: day, sinks: [] }])(
    "refuses %j",
    async (options) => {
      await expect(open(options)).rejects.toThrow(RangeError);
    },
  );
});
