import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AuditStoreOptions,
  type EmbeddedAuditStore,
  fileSink,
  openAuditStore,
  queryAudit,
  verifyAudit,
} from "@sigilrt/audit";
import { type AuditRecord, Enforcer } from "@sigilrt/enforcer";
import type { JsonValue } from "@sigilrt/canonical";
import { createCheckpointSigner, type JsonObject, openJournal } from "@sigilrt/journal";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const signer = createCheckpointSigner("gateway", Buffer.alloc(32, 7));
let folder: string;
let dir: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "audit-"));
  dir = join(folder, "audit");
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const open = (options: Partial<AuditStoreOptions> = {}): Promise<EmbeddedAuditStore> =>
  openAuditStore(dir, { signer, sinks: [], ...options });
const check = (capability: string, more: Partial<AuditRecord> = {}): AuditRecord => ({
  action: "capability_check",
  actor: "ada",
  plugin: "notes",
  workspace: "home",
  capability,
  result: "allowed",
  reason: "allowed",
  ...more,
});
const segment = (number = 1): string => join(dir, `audit-00000${number}.jsonl`);
const lines = (number = 1): readonly string[] =>
  readFileSync(segment(number), "utf8").trimEnd().split("\n");
const rewrite = (change: (all: string[]) => readonly string[], number = 1): void =>
  writeFileSync(segment(number), `${change([...lines(number)]).join("\n")}\n`);

describe("an audit store", () => {
  it("names the user as actor; ids are unique across processes", async () => {
    const seen = new Set<string>();
    for (let processes = 0; processes < 3; processes += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one process after the other has the folder
      const store = await open();
      const enforcer = new Enforcer(store, Date);
      // oxlint-disable-next-line no-await-in-loop -- see above
      const decisions = await Promise.all(
        [1, 2, 3].map(() =>
          enforcer.check({
            plugin: "notes",
            capability: "kv.read",
            userId: "ada",
            workspaceId: "home",
            workspaceAllow: [],
            userPermissions: [],
          }),
        ),
      );
      for (const { receipt } of decisions) seen.add(receipt?.decisionId ?? "");
      // oxlint-disable-next-line no-await-in-loop -- see above
      await store.close();
    }
    expect(seen.size).toBe(9);
    await using store = await open();
    const { records } = await store.query({ plugin: "notes" });
    expect(records).toHaveLength(9);
    expect(records.every(({ actor }) => actor === "ada")).toBe(true);
    expect(new Set(records.map(({ decision }) => decision))).toEqual(seen);
  });

  it("has a record in the file before append resolves, found by its receipt", async () => {
    await using store = await open();
    const [receipt] = await store.append([check("kv.read")]);
    expect(lines().at(-1)).toContain(receipt?.hash);
    expect(receipt).toMatchObject({
      log: "audit-000001",
      seq: 1,
      decisionId: expect.stringMatching(/^audit-000001-[0-9a-f]{24}$/u),
    });
    const { records } = await store.query({ decision: receipt?.decisionId ?? "" });
    expect(records).toMatchObject([{ capability: "kv.read", seq: 1, log: "audit-000001" }]);
  });

  it("takes new random bytes for each decision id", async () => {
    await using store = await open();
    const receipts = await store.append(Array.from({ length: 1_500 }, () => check("a.b")));
    const digits = receipts.map(({ decisionId }) => decisionId.slice(-24));
    expect(digits.every((text) => /^[0-9a-f]{24}$/u.test(text))).toBe(true);
    // Every six bytes of every id, at each place: what two ids share stands here twice.
    const parts = digits.flatMap((text) =>
      [0, 2, 4, 6, 8, 10, 12].map((at) => text.slice(at, at + 12)),
    );
    expect(new Set(parts).size).toBe(parts.length);
  });

  it("gives no decision id that tells how many decisions there were", async () => {
    await using store = await open();
    const receipts = await store.append([check("a.b"), check("a.c")]);
    expect(receipts.map(({ decisionId }) => decisionId.slice(0, -24))).toEqual([
      "audit-000001-",
      "audit-000001-",
    ]);
  });

  it.each([
    [{ actor: "bob" }, ["kv.write"]],
    [{ result: "denied" }, ["kv.write"]],
    [{ plugin: "other" }, ["exec.run"]],
    [{ capability: "kv.*" }, ["kv.write", "kv.read"]],
    [{ action: "plugin.started" }, []],
    [{ from: "2026-01-01T00:00:01.000Z" }, ["exec.run", "kv.write"]],
    [{ to: "2026-01-01T00:00:01.000Z" }, ["kv.read"]],
    [{ actor: "ada", plugin: "other" }, ["exec.run"]],
  ] as const)("answers %j newest first", async (filter, expected) => {
    let now = Date.parse("2026-01-01T00:00:00.000Z");
    const covers = (pattern: string, capability: string): boolean =>
      capability.startsWith(pattern.slice(0, -1));
    await using store = await open({ covers, clock: { now: () => now } });
    await store.append([check("kv.read")]);
    now += 1_000;
    await store.append([
      check("kv.write", { actor: "bob", result: "denied" }),
      check("exec.run", { plugin: "other" }),
    ]);
    const { records } = await store.query(filter);
    expect(records.map(({ capability }) => capability)).toEqual(expected);
  });

  it("is queried without the store too, while the store writes", async () => {
    await using store = await open({});
    await store.append([check("kv.read"), check("kv.write", { actor: "bob" })]);
    const { records } = await queryAudit(dir, { actor: "bob" });
    expect(records.map(({ capability }) => capability)).toEqual(["kv.write"]);
    await expect(queryAudit(dir, { capability: "kv.*" })).rejects.toThrow(RangeError);
    await expect(queryAudit(`${dir}/absent`, {})).rejects.toMatchObject({ code: "IO" });
  });

  it("pages through segments without losing or repeating a record while others are appended", async () => {
    await using store = await open({ segmentBytes: 4_000 });
    for (let n = 0; n < 25; n += 1) {
      // oxlint-disable-next-line no-await-in-loop -- so that segments fill one after the other
      await store.append([check(`kv.n${n}`)]);
    }
    expect(readdirSync(dir).filter((name) => name.endsWith(".jsonl")).length).toBeGreaterThan(2);
    const seen: (string | undefined)[] = [];
    let cursor: string | undefined;
    do {
      // oxlint-disable-next-line no-await-in-loop -- page after page
      const page = await store.query(
        { action: "capability_check" },
        { limit: 4, ...(cursor === undefined ? {} : { cursor }) },
      );
      seen.push(...page.records.map(({ capability }) => capability));
      ({ cursor } = page);
      // oxlint-disable-next-line no-await-in-loop -- page after page
      await store.append([check("kv.later")]);
    } while (cursor !== undefined);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => `kv.n${24 - n}`));
    expect(await verifyAudit(dir)).toMatchObject({ ok: true });
  });

  it.each([{ limit: 0 }, { limit: 1_001 }, { limit: 1.5 }, { cursor: "../x" }])(
    "refuses the page %j",
    async (page) => {
      await using store = await open();
      await expect(store.query({}, page)).rejects.toThrow(RangeError);
    },
  );

  it("refuses a query by capability that it cannot answer", async () => {
    await using store = await open();
    await expect(store.query({ capability: "kv.*" })).rejects.toThrow(RangeError);
  });

  it.each<[string, Partial<Record<string, JsonValue>>]>([
    ["a result that is none", { result: "perhaps" }],
    ["a capability that is no text", { capability: 5 }],
    ["no actor", { actor: undefined }],
    ["a generation that is no number", { generation: "7" }],
    ["a cached that is no boolean", { cached: 1 }],
    ["a matched that holds no patterns", { matched: { user: 1 } }],
    ["a reference without a place", { refers: { log: "audit-000001" } }],
    ["a detail that is a list", { detail: [] }],
    ["a member that no record has", { isTrusted: true }],
  ])("does not show as a record what was chained with %s", async (_, change) => {
    const written = await open();
    await written.append([check("kv.read")]);
    await written.close();
    const log = "audit-000001";
    const forged = Object.entries({ ...check("kv.read"), ...change });
    const body = Object.fromEntries(
      forged.filter(([, value]) => value !== undefined),
    ) as JsonObject;
    const journal = await openJournal(segment(), { log, signer, sinks: [] });
    await journal.append([{ type: "audit.record", body }]);
    await journal.close();

    expect(await verifyAudit(dir)).toMatchObject({ ok: true });
    await using store = await open();
    await expect(store.query({ plugin: "notes" })).rejects.toThrow(
      expect.objectContaining({ code: "NOT_VERIFIED" }),
    );
  });

  it("refuses a record that is no JSON or too large, and so the effect that waits for it", async () => {
    await using store = await open();
    await expect(
      store.append([check("a.b", { detail: { big: "x".repeat(70_000) } })]),
    ).rejects.toThrow(expect.objectContaining({ code: "WRITE_FAILED" }));
    await expect(store.append([check("a.b", { detail: { when: new Date(0) } })])).rejects.toThrow(
      expect.objectContaining({ code: "WRITE_FAILED" }),
    );
    await store.append([check("a.b", { session: undefined as never })]);
    expect(await verifyAudit(dir)).toMatchObject({ ok: true, records: 2 });
  });

  it("refuses a second writer, and takes nothing after it is closed", async () => {
    const store = await open();
    await expect(open()).rejects.toThrow(expect.objectContaining({ code: "LOCKED" }));
    await Promise.all([store.close(), store.close()]);
    await expect(store.append([check("a.b")])).rejects.toThrow(
      expect.objectContaining({ code: "CLOSED" }),
    );
  });

  it("lies in a folder that only its owner may look into", async () => {
    await (await open()).close();
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(statSync(segment()).mode & 0o777).toBe(0o600);
  });

  it("never yields an allow once the log cannot be written", async () => {
    const store = await open();
    const enforcer = new Enforcer(store, Date);
    await enforcer.registerPlugin("notes", { allow: ["kv.read"], deny: [] });
    const request = {
      plugin: "notes",
      capability: "kv.read",
      userId: "ada",
      workspaceId: "home",
      workspaceAllow: ["*"],
      userPermissions: ["*"],
    };
    expect(await enforcer.check(request)).toMatchObject({ allowed: true });
    await store.close();
    expect(await enforcer.check(request)).toMatchObject({
      allowed: false,
      reason: "audit_unavailable",
    });
  });
});

describe("a new key", () => {
  const other = createCheckpointSigner("gateway", Buffer.alloc(32, 8));
  const start = (number: number): unknown => JSON.parse(lines(number)[0] ?? "").body;

  it("of checkpoints begins a segment, and the old one keeps what it vouched for", async () => {
    await (await open()).close();
    await (await open()).close();
    expect(start(1)).toMatchObject({ key: signer.vkey });
    const next = await open({ signer: other });
    await next.append([check("kv.a")]);
    await next.close();
    expect(start(2)).toMatchObject({ log: "audit-000001", key: other.vkey });
    expect(lines(1).at(-1)).toContain("journal.sealed");
    const last = (number: number): string =>
      `${readFileSync(`${segment(number)}.checkpoints`, "utf8")
        .split("\n\n\n")
        .at(-2)}\n`;
    // The end of the first segment is signed by the key of the second, its beginning by its own.
    const checkpoints = [last(1), last(2)];
    expect(await verifyAudit(dir, { checkpoints, keys: [signer.vkey, other.vkey] })).toMatchObject({
      ok: true,
      anchored: 4,
    });
    expect(await verifyAudit(dir, { checkpoints, keys: [signer.vkey] })).toMatchObject({
      kind: "checkpoint_signature_invalid",
    });
  });

  it("does not make a store forget what the former key vouched for", async () => {
    const store = await open();
    await store.append([check("kv.a"), check("kv.b")]);
    await store.close();
    rewrite((all) => all.slice(0, 2));
    await expect(open({ signer: other })).rejects.toMatchObject({ code: "NOT_VERIFIED" });
  });

  it("of tokens begins a segment; a change of what they replace does not", async () => {
    const redact = { keyFile: join(folder, "key"), users: "token" } as const;
    await (await open()).close();
    await (await open({ redact })).close();
    await (await open({ redact: { ...redact, paths: "token" } })).close();
    expect(start(2)).toMatchObject({ tokens: expect.stringMatching(/^hmac:[0-9a-f]{32}$/u) });
    rmSync(redact.keyFile);
    await (await open({ redact })).close();
    await (await open()).close();
    expect(readdirSync(dir).filter((name) => name.endsWith(".jsonl"))).toHaveLength(4);
    expect(start(3)).not.toMatchObject(start(2) ?? {});
    expect(start(4)).not.toHaveProperty("tokens");
    expect(await verifyAudit(dir)).toMatchObject({ ok: true });
  });
});

describe("a segment whose beginning a crash cut", () => {
  const dead = JSON.stringify({ pid: 2 ** 22 + 1, startTime: "1", bootId: "gone" });

  it.each([
    ["before its first record", ""],
    ["within its first record", '{"at":"2026'],
  ])("%s is begun again", async (_, left) => {
    await (await open()).close();
    const [whole = ""] = lines(1);
    rmSync(dir, { recursive: true });
    mkdirSync(dir);
    writeFileSync(segment(1), left === "" ? "" : whole.slice(0, left.length));
    writeFileSync(`${segment(1)}.lock`, dead);
    const store = await open();
    await store.append([check("kv.a")]);
    await store.close();
    expect(lines(1).map((line) => JSON.parse(line).type)).toEqual([
      "journal.recovered",
      "audit.opened",
      "audit.record",
    ]);
    expect(await verifyAudit(dir)).toMatchObject({ ok: true, records: 3 });
    await (await open()).close();
    expect(readdirSync(dir).filter((name) => name.endsWith(".jsonl"))).toHaveLength(1);
  });
});

describe("verifyAudit, with a checkpoint that lies elsewhere,", () => {
  const names = ["kv.n0", "kv.n1", "kv.n2", "kv.n3"];
  const anchor = (): string => join(folder, "elsewhere");
  const written = async (log: string, capabilities: readonly string[]): Promise<void> => {
    const sinks = [fileSink(log)];
    await using store = await open({ sinks, segmentBytes: 1_800 });
    for (const capability of capabilities) {
      // oxlint-disable-next-line no-await-in-loop -- one record after the other
      await store.append([check(capability)]);
    }
  };
  const verdict = async () => {
    const checkpoints = readFileSync(anchor(), "utf8")
      .split("\n\n\n")
      .filter(Boolean)
      .map((note) => `${note}\n`);
    return verifyAudit(dir, { checkpoints, keys: [signer.vkey] });
  };
  const swap = (all: readonly string[], left: number, right: number): readonly string[] =>
    all.with(left, all[right] ?? "").with(right, all[left] ?? "");

  const attacks: readonly (readonly [string, () => unknown, object])[] = [
    ["truncation", () => rewrite((all) => all.slice(0, 2)), { kind: "truncated" }],
    [
      "edit",
      () => rewrite((all) => all.map((line) => line.replace("kv.n1", "kv.n9"))),
      { kind: "entry_hash_mismatch", line: 3 },
    ],
    ["reorder", () => rewrite((all) => swap(all, 1, 2)), { kind: "sequence_gap", line: 2 }],
    [
      "re-chain",
      async () => {
        // The same number of records, with hashes that hold and a link that does: only the checkpoint knows better.
        rmSync(dir, { recursive: true });
        await written(join(folder, "unseen"), names.with(1, "kv.n9"));
      },
      { kind: "checkpoint_mismatch" },
    ],
    [
      "swap of segments",
      () => {
        const [first, second] = [readFileSync(segment(1)), readFileSync(segment(2))];
        writeFileSync(segment(1), second);
        writeFileSync(segment(2), first);
      },
      { kind: "log_mismatch", line: 1 },
    ],
  ];

  it.each(attacks)("detects and names: %s", async (_attack, attack, fault) => {
    await written(anchor(), names);
    expect(readdirSync(dir).filter((name) => name.endsWith(".jsonl")).length).toBeGreaterThan(1);
    expect(await verdict()).toMatchObject({ ok: true, unanchored: 0 });
    await attack();
    expect(await verdict()).toMatchObject({ ok: false, segment: "audit-000001", ...fault });
  });
});

describe("verifyAudit beside a live writer", () => {
  it("finds nothing wrong, in the log or in the index, however often it looks", async () => {
    await using store = await open({ segmentBytes: 20_000 });
    const ended = new AbortController();
    const write = async (): Promise<void> => {
      while (!ended.signal.aborted) {
        // oxlint-disable-next-line no-await-in-loop -- goes on while somebody looks
        await Promise.all(["kv.a", "kv.b", "kv.c"].map((name) => store.append([check(name)])));
      }
    };
    const writing = write();
    await store.query({ actor: "nobody" });
    for (let look = 0; look < 8; look += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one look after the other
      expect(await verifyAudit(dir, { index: true })).toMatchObject({ ok: true });
    }
    ended.abort();
    await writing;
    expect(store.health()).toMatchObject({ index: "sqlite" });
    await store.close();
    expect(await verifyAudit(dir, { index: true })).toMatchObject({ ok: true });
  });

  it("ends with the last whole line while its writer lives, and names a torn one when it does not", async () => {
    const store = await open();
    await store.append([check("kv.a")]);
    appendFileSync(segment(1), '{"at":"20');
    expect(await verifyAudit(dir)).toMatchObject({ ok: true, records: 2 });
    rmSync(`${segment(1)}.lock`);
    expect(await verifyAudit(dir)).toMatchObject({ ok: false, kind: "torn_tail" });
    await store.close();
  });

  it("still finds what the index of an open store hides", async () => {
    const store = await open();
    await store.append([check("kv.a"), check("kv.b")]);
    expect((await store.query({ actor: "ada" })).records).toHaveLength(2);
    const database = new DatabaseSync(join(dir, "index.db"));
    database.exec("DELETE FROM records WHERE capability = 'kv.a'");
    expect(await verifyAudit(dir, { index: true })).toMatchObject({
      ok: false,
      kind: "index_row_hidden",
    });
    database.close();
    await store.close();
  });
});

describe("verifyAudit", () => {
  const written = async (options: Partial<AuditStoreOptions> = {}, count = 4): Promise<void> => {
    const store = await open(options);
    for (let n = 0; n < count; n += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one record after the other
      await store.append([check(`kv.n${n}`)]);
    }
    await store.close();
  };
  const anchor = (): string => join(folder, "elsewhere");
  const notes = (): readonly string[] =>
    readFileSync(anchor(), "utf8")
      .split("\n\n\n")
      .filter(Boolean)
      .map((note) => `${note}\n`);

  it.each([
    [
      "edit",
      (all: string[]) => all.map((line) => line.replace("kv.n1", "kv.n9")),
      "entry_hash_mismatch",
    ],
    ["removal", (all: string[]) => all.toSpliced(2, 1), "sequence_gap"],
    [
      "reorder",
      (all: string[]) => [all[0] ?? "", all[2] ?? "", all[1] ?? "", ...all.slice(3)],
      "sequence_gap",
    ],
  ])(
    "detects edit, removal, reorder and, with an anchor, truncation: %s",
    async (_attack, change, kind) => {
      await written();
      rewrite(change);
      expect(await verifyAudit(dir)).toMatchObject({ ok: false, kind, segment: "audit-000001" });
      await expect(open()).rejects.toThrow(expect.objectContaining({ code: "NOT_VERIFIED" }));
    },
  );

  it("detects edit, removal, reorder and, with an anchor, truncation: truncation", async () => {
    await written({ sinks: [fileSink(anchor())] });
    expect(await verifyAudit(dir, { checkpoints: notes(), keys: [signer.vkey] })).toMatchObject({
      ok: true,
      records: 5,
      anchored: 5,
    });
    rewrite((all) => all.slice(0, 3));
    expect(await verifyAudit(dir)).toMatchObject({
      ok: true,
      records: 3,
      anchored: 0,
      unanchored: 3,
    });
    expect(await verifyAudit(dir, { checkpoints: notes(), keys: [signer.vkey] })).toMatchObject({
      ok: false,
      kind: "truncated",
    });
    await expect(open({ sinks: [fileSink(anchor())] })).rejects.toThrow(
      expect.objectContaining({ code: "NOT_VERIFIED" }),
    );
  });

  it("detects a segment that was removed, swapped or is another's", async () => {
    await written({ segmentBytes: 3_000, sinks: [fileSink(anchor())] }, 20);
    const all = readdirSync(dir).filter((name) => name.endsWith(".jsonl"));
    expect(all.length).toBeGreaterThan(2);
    const [first, second] = [readFileSync(segment(1)), readFileSync(segment(2))];
    rmSync(segment(2));
    expect(await verifyAudit(dir)).toEqual({
      ok: false,
      kind: "segment_missing",
      segment: "audit-000002",
    });
    writeFileSync(segment(2), second);
    writeFileSync(segment(1), second);
    writeFileSync(segment(2), first);
    expect(await verifyAudit(dir)).toMatchObject({ ok: false, kind: "log_mismatch" });
    writeFileSync(segment(1), first);
    writeFileSync(segment(2), second);
    rmSync(segment(all.length));
    expect(await verifyAudit(dir)).toMatchObject({ ok: true });
    expect(await verifyAudit(dir, { checkpoints: notes(), keys: [signer.vkey] })).toMatchObject({
      ok: false,
      kind: "segment_missing",
    });
  });

  it("detects a segment that continues another log", async () => {
    await written({ segmentBytes: 3_000 }, 20);
    const own = readFileSync(segment(1));
    rmSync(dir, { recursive: true });
    await written({ segmentBytes: 3_000 }, 20);
    writeFileSync(segment(1), own);
    expect(await verifyAudit(dir)).toEqual({
      ok: false,
      kind: "segment_link_broken",
      line: 1,
      segment: "audit-000002",
    });
  });

  it("cannot decide about a folder that is not there", async () => {
    await expect(verifyAudit(join(folder, "absent"))).rejects.toThrow(
      expect.objectContaining({ code: "IO" }),
    );
  });
});
