import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  chmodSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalize } from "@sigilrt/canonical";
import {
  type CheckpointSink,
  createCheckpointSigner,
  type Journal,
  type JournalEntry,
  JournalError,
  type JournalOptions,
  openJournal,
  openSigningKey,
  prepareEntry,
  verifyJournal,
} from "@sigilrt/journal";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const signer = createCheckpointSigner("test", Buffer.alloc(32, 7));
const log = "audit-000001";
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "journal-"));
  path = join(folder, "a.jsonl");
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const open = (options: Partial<JournalOptions> = {}): Promise<Journal> =>
  openJournal(path, { log, signer, sinks: [], ...options });
const memorySink = (): CheckpointSink & { readonly notes: string[] } => {
  const notes: string[] = [];
  return {
    notes,
    store: (note) => Promise.resolve(void notes.push(note)),
    latest: () => Promise.resolve(notes.at(-1)),
  };
};
async function* file(at = path): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(readFileSync(at));
}
const verdict = (
  options: Parameters<typeof verifyJournal>[1] = {},
): ReturnType<typeof verifyJournal> => verifyJournal(file(), { log, ...options });
const lineCount = (): number => readFileSync(path, "utf8").split("\n").length - 1;
const note = (n: number): { readonly type: string; readonly body: { readonly n: number } } => ({
  type: "test.note",
  body: { n },
});

describe("a journal", () => {
  it("verifies after record, complete, record", async () => {
    await using journal = await open();
    await journal.append([{ type: "step.started", body: { step_id: "1" } }]);
    await journal.append([{ type: "step.completed", body: { step_id: "1", status: "ok" } }]);
    await journal.append([{ type: "step.started", body: { step_id: "2" } }]);
    expect(await verdict()).toMatchObject({ ok: true, records: 3 });
  });

  it("writes of a prepared entry what its body said then, and nothing that somebody else says of it", async () => {
    await using journal = await open();
    const body = { n: 1 };
    const prepared = prepareEntry({ type: "test.note", body });
    expect(prepared.bodyBytes).toBe('{"n":1}'.length);
    body.n = 2;
    expect(() => Object.assign(prepared, { type: 'x","seq":0,"y":"' })).toThrow(TypeError);
    const forged = Object.create(prepared, { body: { value: { n: 3 }, enumerable: true } });
    let reads = 0;
    const twoTypes = {
      get type() {
        reads += 1;
        return reads === 1 ? "test.note" : 'x","seq":0,"y":"';
      },
      body: { n: 4 },
    };
    await journal.append([prepared, forged, twoTypes]);
    const bodies = readFileSync(path, "utf8").match(/"body":\{"n":\d\}/gu);
    expect(bodies).toEqual(['"body":{"n":1}', '"body":{"n":3}', '"body":{"n":4}']);
    expect(await verdict()).toMatchObject({ ok: true, records: 3 });
  });

  it.each<[string, JournalEntry, string]>([
    [
      "a body that is no JSON",
      { type: "test.note", body: { n: Number.NaN } },
      "RECORD_NOT_SERIALIZABLE",
    ],
    [
      "a body that is too large",
      { type: "test.note", body: { n: "x".repeat(2_000_000) } },
      "RECORD_TOO_LARGE",
    ],
  ])("prepares no entry of %s", (_, entry, code) => {
    expect(() => prepareEntry(entry)).toThrow(expect.objectContaining({ code }));
  });

  it("appends no prepared entry of a reserved type", async () => {
    await using journal = await open();
    const entry = prepareEntry({ type: "journal.sealed", body: {} });
    await expect(journal.append([entry])).rejects.toThrow(
      expect.objectContaining({ code: "RECORD_NOT_SERIALIZABLE" }),
    );
  });

  it("writes lines that are canonical, whatever the body", async () => {
    const json = fc
      .dictionary(fc.string(), fc.jsonValue())
      .filter((body) => JSON.stringify(body).isWellFormed());
    await using journal = await open({ durability: "none" });
    await fc.assert(
      fc.asyncProperty(json, async (body) => {
        const [record] = await journal.append([{ type: "test.body", body: body as never }]);
        const line = readFileSync(path, "utf8").trimEnd().split("\n").at(-1);
        expect(line).toBe(canonicalize(record as never));
      }),
      { numRuns: 50 },
    );
    expect(await verdict()).toMatchObject({ ok: true });
  });

  it("keeps the order of the calls and shares one chain among them", async () => {
    await using journal = await open();
    const records = await Promise.all(
      Array.from({ length: 200 }, (_, n) => journal.append([note(n)])),
    );
    expect(records.map(([record]) => [record?.seq, record?.body["n"]])).toEqual(
      Array.from({ length: 200 }, (_, n) => [n, n]),
    );
    expect(await verdict()).toMatchObject({ ok: true, records: 200 });
  });

  it("appends several records all or none", async () => {
    await using journal = await open();
    await expect(journal.append([note(1), { type: "bad type", body: {} }])).rejects.toThrow(
      JournalError,
    );
    await expect(
      journal.append([note(1), { type: "test.big", body: { a: "x".repeat(1_100_000) } }]),
    ).rejects.toThrow(expect.objectContaining({ code: "RECORD_TOO_LARGE" }));
    expect(journal.size).toBe(0);
    await journal.append([note(1), note(2)]);
    expect(await verdict()).toMatchObject({ ok: true, records: 2 });
  });

  it.each([
    ["a reserved type", { type: "journal.sealed", body: {} }],
    ["a type with a capital", { type: "Test", body: {} }],
    ["an empty type", { type: "", body: {} }],
    ["a list as body", { type: "test.x", body: [] }],
    ["no body", { type: "test.x", body: null }],
    ["an undefined member", { type: "test.x", body: { a: undefined } }],
    ["an infinite number", { type: "test.x", body: { a: Number.POSITIVE_INFINITY } }],
    ["half a surrogate pair", { type: "test.x", body: { a: "\uD800" } }],
  ])("refuses %s and goes on", async (_what, entry) => {
    await using journal = await open();
    await expect(journal.append([entry as never])).rejects.toThrow(
      expect.objectContaining({ code: "RECORD_NOT_SERIALIZABLE" }),
    );
    await journal.append([note(1)]);
    expect(await verdict()).toMatchObject({ ok: true, records: 1 });
  });

  it("does not let a body be changed while it waits", async () => {
    await using journal = await open();
    const body = { n: 1 };
    const appended = journal.append([{ type: "test.note", body }]);
    body.n = 2;
    await appended;
    expect(readFileSync(path, "utf8")).toContain('"body":{"n":1}');
  });

  it("keeps a text from forging a line", async () => {
    await using journal = await open();
    await journal.append([{ type: "test.x", body: { a: '\n{"v":1}\n' } }]);
    expect(lineCount()).toBe(1);
  });

  it("takes back what waits when its caller leaves, and only that", async () => {
    await using journal = await open();
    const abort = new AbortController();
    const first = journal.append([note(1)]);
    await Promise.resolve();
    await Promise.resolve();
    const leaving = journal.append([note(2)], { signal: abort.signal });
    const staying = journal.append([note(3)]);
    await Promise.resolve();
    abort.abort(new Error("left"));
    await expect(leaving).rejects.toThrow("left");
    await Promise.all([first, staying]);
    expect(await verdict()).toMatchObject({ ok: true, records: 2 });
  });

  it("goes on with the same chain when it is opened again", async () => {
    await (await open()).append([note(1)]).then(() => undefined);
    rmSync(`${path}.lock`);
    const journal = await open();
    await journal.append([note(2)]);
    await journal.close();
    expect(await verdict()).toMatchObject({ ok: true, records: 2 });
  });

  it("is closed twice as once, and takes nothing afterwards", async () => {
    const journal = await open();
    await Promise.all([journal.close(), journal.close()]);
    await expect(journal.append([note(1)])).rejects.toThrow(
      expect.objectContaining({ code: "JOURNAL_CLOSED" }),
    );
    expect(readdirSync(folder).toSorted()).toEqual(["a.jsonl", "a.jsonl.checkpoints"]);
  });

  it("takes nothing once it is sealed, also when it is opened again", async () => {
    const journal = await open();
    await journal.append([note(1)]);
    await journal.seal();
    await expect(journal.append([note(2)])).rejects.toThrow(
      expect.objectContaining({ code: "JOURNAL_SEALED" }),
    );
    await journal.close();
    expect(await verdict({ seal: "required" })).toMatchObject({
      ok: true,
      records: 2,
      sealed: true,
    });
    await using again = await open();
    await expect(again.append([note(3)])).rejects.toThrow(
      expect.objectContaining({ code: "JOURNAL_SEALED" }),
    );
  });

  it("seals in the order of the calls", async () => {
    await using journal = await open();
    const outcomes = await Promise.allSettled([
      journal.append([note(1)]),
      journal.seal(),
      journal.append([note(2)]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(await verdict({ seal: "required" })).toMatchObject({ ok: true, records: 2 });
  });

  it.each(["", "a\nb", "é", "x".repeat(257)])("has no log id %j", async (id) => {
    await expect(open({ log: id })).rejects.toThrow(RangeError);
  });
});

describe("one writer", () => {
  it("refuses a second one while the first lives", async () => {
    await using journal = await open();
    await expect(open()).rejects.toThrow(expect.objectContaining({ code: "JOURNAL_LOCKED" }));
    await journal.append([note(1)]);
  });

  it.each([
    ["of another boot", { pid: process.pid, startTime: "1", bootId: "another" }],
    ["whose number another process has now", { pid: process.pid, startTime: "1" }],
    ["that is gone", { pid: 4_194_300, startTime: "1" }],
  ])("takes over from a writer %s, on record", async (_which, holder) => {
    const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    writeFileSync(`${path}.lock`, JSON.stringify({ bootId, ...holder }));
    await using journal = await open();
    expect(journal.size).toBe(1);
    expect(readFileSync(path, "utf8")).toContain(`"dead_writer":${holder.pid}`);
  });

  it("takes over a lock that holds nonsense", async () => {
    writeFileSync(`${path}.lock`, "{");
    await using journal = await open();
    expect(journal.size).toBe(0);
  });
});

describe("recovery", () => {
  const written = async (records: number, options: Partial<JournalOptions> = {}): Promise<void> => {
    const journal = await open(options);
    for (let n = 0; n < records; n += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one record after the other
      await journal.append([note(n)]);
    }
    await journal.close();
  };

  it("sets a torn last line aside at every byte of it, records it, and goes on", async () => {
    await written(2, { sinks: [] });
    const text = readFileSync(path);
    const second = text.subarray(0, -1).lastIndexOf(0x0a) + 1;
    for (let end = second + 1; end < text.length; end += 37) {
      rmSync(`${path}.checkpoints`, { force: true });
      rmSync(`${path}.torn`, { force: true });
      writeFileSync(path, text.subarray(0, end));
      // oxlint-disable-next-line no-await-in-loop -- one cut after the other
      const journal = await open();
      // oxlint-disable-next-line no-await-in-loop -- one cut after the other
      await journal.close();
      expect(readFileSync(`${path}.torn`)).toEqual(text.subarray(second, end));
      expect(readFileSync(path, "utf8")).toContain(`"torn_bytes":${end - second}`);
      // oxlint-disable-next-line no-await-in-loop -- one cut after the other
      expect(await verdict()).toMatchObject({ ok: true, records: 2 });
    }
  });

  it("refuses to open when a checkpoint beside it covers what is gone", async () => {
    await written(3);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.split("\n").slice(0, 2).join("\n").concat("\n"));
    await expect(open()).rejects.toThrow(expect.objectContaining({ code: "TRUNCATED" }));
    truncateSync(path, text.length - 5);
    await expect(open()).rejects.toThrow(JournalError);
  });

  it("reports truncation against a checkpoint", async () => {
    const sink = memorySink();
    await written(3, { sinks: [sink] });
    rmSync(`${path}.checkpoints`);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.split("\n").slice(0, 2).join("\n").concat("\n"));
    await expect(open({ sinks: [sink] })).rejects.toThrow(
      expect.objectContaining({
        code: "TRUNCATED",
        fault: expect.objectContaining({ checkpoint: 3 }),
      }),
    );
    expect(await verdict()).toMatchObject({ ok: true, records: 2, anchored: 0 });
    const checked = await verdict({ checkpoints: sink.notes.slice(-1), keys: [signer.vkey] });
    expect(checked).toMatchObject({ ok: false, kind: "truncated" });
  });

  it("refuses to open what was edited, and names the line", async () => {
    await written(3);
    writeFileSync(path, readFileSync(path, "utf8").replace('"n":1', '"n":9'));
    await expect(open()).rejects.toThrow(
      expect.objectContaining({
        code: "NOT_VERIFIED",
        fault: expect.objectContaining({ kind: "entry_hash_mismatch", line: 2 }),
      }),
    );
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it("is not closed by half a note, nor by a note that another key signed", async () => {
    await written(2);
    const stranger = createCheckpointSigner("test", Buffer.alloc(32, 8));
    const elsewhere = join(folder, "b.jsonl");
    const other = await openJournal(elsewhere, { log, signer: stranger, sinks: [] });
    await other.append([note(1), note(2), note(3)]);
    await other.close();
    const notes = readFileSync(`${path}.checkpoints`, "utf8");
    writeFileSync(
      `${path}.checkpoints`,
      `${notes}${readFileSync(`${elsewhere}.checkpoints`, "utf8")}test/audit-0`,
    );
    await using journal = await open();
    expect(journal.size).toBe(2);
  });

  it("finds any changed byte, with a checkpoint", async () => {
    const sink = memorySink();
    await written(4, { sinks: [sink] });
    const text = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, change) => {
          const changed = Buffer.from(text);
          changed[at] = (changed[at] ?? 0) ^ change;
          async function* source(): AsyncGenerator<Uint8Array> {
            yield await Promise.resolve(changed);
          }
          const options = { log, checkpoints: sink.notes.slice(-1), keys: [signer.vkey] };
          expect((await verifyJournal(source(), options)).ok).toBe(false);
        },
      ),
    );
  });
});

describe("checkpoints", () => {
  it("go to every sink at opening, on request and at closing, and say what they vouch for", async () => {
    const sink = memorySink();
    const journal = await open({ sinks: [sink] });
    await journal.append([note(1)]);
    expect(journal.health()).toMatchObject({ anchored: 0 });
    await journal.checkpoint();
    expect(journal.health()).toEqual({ durable: true, queued: 0, anchored: 1 });
    await journal.close();
    expect(sink.notes).toHaveLength(3);
    const checked = await verdict({ checkpoints: sink.notes, keys: [signer.vkey] });
    expect(checked).toMatchObject({ ok: true, records: 1, anchored: 1, unanchored: 0 });
  });

  it("do not stop appends when a sink fails, and health tells of it until it works again", async () => {
    let works = false;
    const sink = memorySink();
    const flaky: CheckpointSink = {
      ...sink,
      store: (text) => (works ? sink.store(text) : Promise.reject(new Error("mount is gone"))),
    };
    await using journal = await open({ sinks: [flaky] });
    await journal.append([note(1)]);
    expect(journal.health().lastError).toContain("mount is gone");
    works = true;
    await journal.checkpoint();
    expect(journal.health().lastError).toBeUndefined();
  });

  it("come by themselves every 256 records", async () => {
    const sink = memorySink();
    await using journal = await open({
      sinks: [sink],
      durability: "none",
      clock: { now: () => 0 },
    });
    await journal.append(Array.from({ length: 256 }, (_, n) => note(n)));
    await journal.checkpoint();
    expect(sink.notes.map((text) => text.split("\n")[1])).toEqual(
      expect.arrayContaining(["0", "256"]),
    );
  });
});

describe("openSigningKey", () => {
  it("makes a key that only its owner reads, and opens the same one again", async () => {
    const key = join(folder, "key.pem");
    const made = await openSigningKey(key, "gateway");
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect((await openSigningKey(key, "gateway")).vkey).toBe(made.vkey);
  });

  it("refuses a key that others may read, a link, and a file that is no key", async () => {
    const key = join(folder, "key.pem");
    await openSigningKey(key, "gateway");
    chmodSync(key, 0o644);
    await expect(openSigningKey(key, "gateway")).rejects.toThrow(/others may read it/u);
    chmodSync(key, 0o600);
    const link = join(folder, "link.pem");
    symlinkSync(key, link);
    await expect(openSigningKey(link, "gateway")).rejects.toThrow(
      expect.objectContaining({ code: "IO" }),
    );
    const other = join(folder, "other.pem");
    writeFileSync(other, "not a key", { mode: 0o600 });
    await expect(openSigningKey(other, "gateway")).rejects.toThrow(/holds no Ed25519 key/u);
  });
});
