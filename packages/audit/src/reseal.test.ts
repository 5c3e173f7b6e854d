import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AuditStoreOptions,
  type AuditVerdict,
  fileSink,
  openAuditStore,
  queryAudit,
  resealAudit,
  type ResealAuditOptions,
  type ResealedAudit,
  verifyAudit,
} from "@sigilrt/audit";
import { createCheckpointSigner, openJournal } from "@sigilrt/journal";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const signer = createCheckpointSigner("gateway", Buffer.alloc(32, 7));
let folder: string;
let dir: string;
let anchor: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-"));
  dir = join(folder, "audit");
  anchor = join(folder, "elsewhere");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const segment = (number: number): string => join(dir, `audit-00000${number}.jsonl`);
const edit = (number: number, change: (text: string) => string): void =>
  writeFileSync(segment(number), change(readFileSync(segment(number), "utf8")));
const notes = (path = anchor): readonly string[] =>
  readFileSync(path, "utf8")
    .split("\n\n\n")
    .filter(Boolean)
    .map((note) => `${note}\n`);

async function written(options: Partial<AuditStoreOptions> = {}, names = ["a", "b", "c"]) {
  const sinks = [fileSink(anchor)];
  await using store = await openAuditStore(dir, { signer, sinks, ...options });
  for (const name of names) {
    const record = { actor: "ada", plugin: name, result: "ok", reason: "ok" } as const;
    // oxlint-disable-next-line no-await-in-loop -- one record after the other
    await store.append([{ ...record, action: "plugin.started" }]);
  }
}
const reseal = (options: Partial<ResealAuditOptions> = {}): Promise<ResealedAudit> =>
  resealAudit(dir, {
    signer,
    sinks: [fileSink(anchor)],
    actor: "grace",
    reason: "the disk died",
    ...options,
  });
const verify = (checkpoints = notes()): Promise<AuditVerdict> =>
  verifyAudit(dir, { checkpoints, keys: [signer.vkey] });
const editA = (text: string): string => text.replace('"plugin":"a"', '"plugin":"x"');

describe("resealing", () => {
  it("goes on behind damage, and verification still names it", async () => {
    await written();
    edit(1, editA);
    await expect(written()).rejects.toMatchObject({ code: "NOT_VERIFIED" });
    const before = readFileSync(segment(1));

    expect(await reseal()).toEqual({
      segment: "audit-000002",
      losses: [{ kind: "entry_hash_mismatch", segment: "audit-000001", line: 2 }],
    });
    expect(readFileSync(segment(1))).toEqual(before);
    await written({}, ["d"]);
    const verdict = await verify();
    expect(verdict).toMatchObject({
      ok: true,
      losses: [
        {
          segment: "audit-000001",
          kind: "entry_hash_mismatch",
          line: 2,
          actor: "grace",
          reason: "the disk died",
          at: expect.stringMatching(/Z$/u),
        },
      ],
    });
    const { records } = await queryAudit(dir, {});
    expect(records.map(({ action, plugin }) => plugin ?? action)).toEqual(["d", "audit.resealed"]);
    expect(records[1]).toMatchObject({ actor: "grace", detail: { reason: "the disk died" } });
  });

  it("names old head, size, fault, person and reason in the first record", async () => {
    await written();
    await written({ signer: createCheckpointSigner("gateway", Buffer.alloc(32, 8)) }, ["d"]);
    edit(1, editA);
    const keys = [signer.vkey];
    await reseal({ signer: createCheckpointSigner("gateway", Buffer.alloc(32, 8)), keys });
    const [line = ""] = readFileSync(segment(3), "utf8").split("\n");
    expect(JSON.parse(line)).toMatchObject({
      type: "audit.resealed",
      body: {
        actor: "grace",
        reason: "the disk died",
        log: "audit-000002",
        size: 2,
        entry_hash: expect.stringMatching(/^sha256:/u),
        losses: [
          {
            segment: "audit-000001",
            kind: "entry_hash_mismatch",
            line: 2,
            digest: expect.stringMatching(/^sha256:/u),
          },
        ],
      },
    });
  });

  it("keeps what verifies of a damaged segment in queries, also by the index", async () => {
    await written({}, ["a", "b", "c", "d"]);
    edit(1, (text) => text.replace('"plugin":"c"', '"plugin":"x"'));
    await expect(queryAudit(dir, {})).rejects.toMatchObject({ code: "NOT_VERIFIED" });
    await reseal();
    await using store = await openAuditStore(dir, { signer, sinks: [] });
    for (const { records } of [await store.query({}), await queryAudit(dir, {})]) {
      expect(records.map(({ action, plugin }) => plugin ?? action)).toEqual([
        "audit.resealed",
        "b",
        "a",
      ]);
    }
    expect(store.health()).toMatchObject({ index: "sqlite" });
    await store.close();
    const keys = [signer.vkey];
    const verdict = await verifyAudit(dir, { checkpoints: notes(), keys, index: true });
    expect(verdict).toMatchObject({ ok: true });
  });

  it.each([
    [
      "a tail that a sink knows",
      () => edit(1, (text) => text.split("\n").slice(0, 3).join("\n") + "\n"),
      "truncated",
    ],
    ["all records", () => truncateSync(segment(1)), "truncated"],
  ])("accepts the loss of %s", async (_, cut, kind) => {
    await written();
    cut();
    await expect(written()).rejects.toMatchObject({ code: "NOT_VERIFIED" });
    expect((await reseal()).losses).toEqual([{ kind, segment: "audit-000001" }]);
    await written({}, ["d"]);
    expect(await verify()).toMatchObject({ ok: true, losses: [{ kind, actor: "grace" }] });
  });

  it("accepts the loss of every segment, of which a sink still knows", async () => {
    await written();
    rmSync(dir, { recursive: true });
    mkdirSync(dir);
    const lost = { kind: "segment_missing", segment: "audit-000001" };
    expect(await reseal()).toEqual({ segment: "audit-000002", losses: [lost] });
    await written({}, ["d"]);
    expect(await verify()).toMatchObject({ ok: true, losses: [lost] });
  });

  it("accepts several at once, and the log goes on from segment to segment", async () => {
    await written({ segmentBytes: 1 });
    edit(1, (text) => text.replace("audit.opened", "audit.closed"));
    rmSync(segment(2));
    const { losses } = await reseal();
    expect(losses.map(({ kind, segment: log }) => `${kind} ${log}`)).toEqual([
      "entry_hash_mismatch audit-000001",
      "segment_missing audit-000002",
    ]);
    await written({ segmentBytes: 1 }, ["d", "e"]);
    const verdict = await verify();
    expect(verdict).toMatchObject({ ok: true });
    expect(verdict.ok && verdict.losses).toHaveLength(2);
  });

  it("goes on after an attempt that ended before its first record", async () => {
    await written();
    edit(1, editA);
    writeFileSync(segment(2), "");
    expect((await reseal()).segment).toBe("audit-000002");
    expect(await verify()).toMatchObject({ ok: true });
  });
});

describe("resealing refuses", () => {
  it("a log that verifies", async () => {
    await written();
    await expect(reseal()).rejects.toMatchObject({ code: "REFUSED" });
    expect(existsSync(segment(2))).toBe(false);
    edit(1, editA);
    await reseal();
    await expect(reseal()).rejects.toMatchObject({ code: "REFUSED" });
    expect(existsSync(segment(3))).toBe(false);
  });

  it("while a store has the folder open", async () => {
    await written();
    await using store = await openAuditStore(dir, { signer, sinks: [] });
    edit(1, editA);
    await expect(reseal()).rejects.toMatchObject({ code: "LOCKED" });
    await store.close();
  });

  it.each([
    ["no reason", { reason: "" }],
    ["no person", { actor: "" }],
    ["a reason without end", { reason: "x".repeat(1025) }],
    ["half a character", { reason: "\ud800" }],
  ])("%s", async (_, options) => {
    await written();
    edit(1, editA);
    await expect(reseal(options)).rejects.toThrow(RangeError);
  });

  it("a checkpoint that no known key signed, and a folder that is not there", async () => {
    await written();
    edit(1, editA);
    const other = createCheckpointSigner("gateway", Buffer.alloc(32, 9));
    const checkpoints = notes().slice(0, 1);
    await expect(reseal({ signer: other, checkpoints })).rejects.toMatchObject({ code: "REFUSED" });
    rmSync(dir, { recursive: true });
    await expect(reseal()).rejects.toMatchObject({ code: "IO" });
  });
});

describe("after resealing", () => {
  it("an acceptance that nobody signed is none", async () => {
    await written();
    edit(1, editA);
    const kept = notes();
    const mallory = createCheckpointSigner("gateway", Buffer.alloc(32, 9));
    // Whoever can write the folder can write such a segment, but not sign for it.
    await reseal({ signer: mallory, sinks: [] });
    const fault = { ok: false, kind: "entry_hash_mismatch", segment: "audit-000001", line: 2 };
    expect(await verify(kept)).toEqual(fault);
    expect(await verifyAudit(dir)).toEqual(fault);
  });

  it("whoever cuts the tail cannot pass it off as given up", async () => {
    await written({ sinks: [] });
    edit(1, (text) => text.split("\n").slice(0, 3).join("\n") + "\n");
    const mallory = createCheckpointSigner("gateway", Buffer.alloc(32, 9));
    const forged = await openJournal(segment(2), {
      log: "audit-000002",
      signer: mallory,
      sinks: [],
    });
    const losses = [{ segment: "audit-000001", kind: "truncated" }];
    const body = { key: signer.vkey, actor: "grace", reason: "the disk died", losses };
    await forged.append([{ type: "audit.resealed", body }]);
    await forged.close();
    expect(await verifyAudit(dir)).toMatchObject({
      ok: false,
      kind: "segment_link_broken",
      segment: "audit-000002",
    });
  });

  it("further damage to what was given up shows", async () => {
    await written();
    edit(1, editA);
    await reseal();
    edit(1, (text) => text.replace('"plugin":"b"', '"plugin":"y"'));
    expect(await verify()).toMatchObject({ ok: false, kind: "entry_hash_mismatch", line: 2 });
    rmSync(segment(1));
    expect(await verify()).toMatchObject({ ok: false, kind: "segment_missing" });
  });

  it("what was given up and then replaced by something whole shows", async () => {
    await written({}, ["a"]);
    const whole = readFileSync(segment(1));
    await written({}, ["b"]);
    edit(1, (text) => text.replace('"plugin":"b"', '"plugin":"x"'));
    await reseal();
    writeFileSync(segment(1), whole);
    expect(await verify(notes().slice(-1))).toMatchObject({
      ok: false,
      kind: "accepted_loss_changed",
      segment: "audit-000001",
    });
  });

  it("new damage shows, and another person can give it up", async () => {
    await written();
    edit(1, editA);
    await reseal();
    await written({}, ["d"]);
    edit(2, (text) => text.replace('"plugin":"d"', '"plugin":"x"'));
    // The first acceptance lies in a segment that is damaged itself now, so it accepts nothing any more.
    expect(await verify()).toMatchObject({ ok: false, segment: "audit-000001" });
    await reseal({ actor: "barbara" });
    const verdict = await verify();
    const losses = verdict.ok ? verdict.losses : [];
    expect(losses?.map(({ actor, segment: log }) => `${actor} ${log}`)).toEqual([
      "barbara audit-000001",
      "barbara audit-000002",
    ]);
  });

  it("a checkpoint that contradicts more than was given up shows", async () => {
    await written();
    const first = notes();
    rmSync(dir, { recursive: true });
    rmSync(anchor);
    // Another history in its place, damaged where a person gives it up.
    await written({}, ["x", "y", "z"]);
    edit(1, (text) => text.replace('"plugin":"z"', '"plugin":"c"'));
    await reseal();
    expect(await verify()).toMatchObject({ ok: true });
    const resealed = notes().filter((note) => note.includes("/audit-000002\n"));
    expect(await verify(resealed)).toMatchObject({ ok: true });
    expect(await verify([...first.slice(1, 2), ...resealed])).toMatchObject({
      ok: false,
      kind: "checkpoint_mismatch",
      segment: "audit-000001",
    });
  });
});
