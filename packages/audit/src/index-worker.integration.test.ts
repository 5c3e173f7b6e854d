import { execFile } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Worker } from "node:worker_threads";
import {
  type AuditStoreOptions,
  type EmbeddedAuditStore,
  openAuditStore,
  queryAudit,
  verifyAudit,
} from "@sigilrt/audit";
import type { AuditRecord } from "@sigilrt/enforcer";
import { createCheckpointSigner } from "@sigilrt/journal";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const signer = createCheckpointSigner("gateway", Buffer.alloc(32, 7));
let folder: string;
let dir: string;
let workers: Worker[];
const keep = (worker: Worker): void => void workers.push(worker);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "index-worker-"));
  dir = join(folder, "audit");
  workers = [];
  process.on("worker", keep);
});
afterEach(() => {
  process.off("worker", keep);
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const open = (options: Partial<AuditStoreOptions> = {}): Promise<EmbeddedAuditStore> =>
  openAuditStore(dir, { signer, sinks: [], ...options });
const check = (capability: string): AuditRecord => ({
  action: "capability_check",
  actor: "ada",
  plugin: "notes",
  capability,
  result: "allowed",
  reason: "allowed",
});
const namesOf = async (store: EmbeddedAuditStore) =>
  (await store.query({})).records.map(({ capability }) => capability);
const started = (): Worker => {
  const [worker] = workers;
  if (!worker) throw new Error("no Worker");
  return worker;
};
/** The next Worker that is started. */
const begin = (): Promise<Worker> =>
  new Promise((resolve) => {
    process.once("worker", resolve);
  });
/** A gateway in a process of its own, with `store` open. */
const run = (program: string, args: readonly string[] = []) =>
  promisify(execFile)(
    process.execPath,
    ["--conditions=@sigilrt/source", ...args, "--input-type=module", "-e", gateway(program)],
    { cwd: fileURLToPath(new URL("..", import.meta.url)) },
  );
const gateway = (program: string): string => `
  import { createCheckpointSigner } from "@sigilrt/journal";
  import { openAuditStore } from "@sigilrt/audit";
  const signer = createCheckpointSigner("gateway", Buffer.alloc(32, 7));
  const check = ${JSON.stringify(check("kv.a"))};
  const store = await openAuditStore(${JSON.stringify(dir)}, { signer, sinks: [] });
  ${program}`;

describe("the Worker of the index", () => {
  it("is not started by a command that appends and closes at once", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const store = await open();
    await store.append([check("kv.a")]);
    await store.close();
    vi.runAllTimers();
    expect(workers).toEqual([]);
    expect(existsSync(join(dir, "index.db"))).toBe(false);
  });

  it("is started once, some time after the first record, and is gone when the store is closed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const store = await open();
    await store.append([check("kv.a")]);
    const begun = begin();
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    await begun;
    const exited = once(started(), "exit");
    expect(await namesOf(store)).toEqual(["kv.a"]);
    await store.append([check("kv.b")]);
    expect(await namesOf(store)).toEqual(["kv.b", "kv.a"]);
    await store.close();
    expect(await exited).toEqual([0]);
    expect(workers).toHaveLength(1);
    expect(readdirSync(dir).filter((name) => name.startsWith("index.db"))).toEqual(["index.db"]);
  });

  it("is never started for a store that scans", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await using store = await open({ index: "scan" });
    await store.append([check("kv.a")]);
    vi.runAllTimers();
    expect(await namesOf(store)).toEqual(["kv.a"]);
    expect(workers).toEqual([]);
  });

  it("gives way to the scan when it dies while nothing is asked of it, and health says so", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await using store = await open();
    await store.append([check("kv.a")]);
    expect(await namesOf(store)).toEqual(["kv.a"]);
    await started().terminate();
    await store.append([check("kv.b")]);
    expect(store.health()).toMatchObject({
      index: "scan",
      lastError: expect.stringContaining("its Worker ended"),
    });
    expect(await namesOf(store)).toEqual(["kv.b", "kv.a"]);
    expect(workers).toHaveLength(1);
  });

  it("gives way to the scan when it dies during a query", async () => {
    await using store = await open();
    await store.append([check("kv.a")]);
    process.once("worker", (worker) => void worker.terminate());
    expect(await namesOf(store)).toEqual(["kv.a"]);
    expect(store.health()).toMatchObject({
      index: "scan",
      lastError: expect.stringContaining("its Worker ended"),
    });
  });

  it("leaves an index that the next store goes on with when it dies", async () => {
    const begun = begin();
    const store = await open();
    await store.append(Array.from({ length: 3_000 }, (_, n) => check(`kv.n${n}`)));
    const asked = store.query({});
    await (await begun).terminate();
    expect((await asked).records).toHaveLength(100);
    await store.close();
    await using again = await open();
    expect((await again.query({})).records).toHaveLength(100);
    expect(again.health()).toMatchObject({ index: "sqlite" });
    expect(again.health().lastError).toBeUndefined();
    await again.close();
    expect(await verifyAudit(dir, { index: true })).toMatchObject({ ok: true });
  });

  it("gives way to the scan when what lies in its place cannot be removed", async () => {
    mkdirSync(join(dir, "index.db"), { recursive: true });
    await using store = await open();
    await store.append([check("kv.a")]);
    expect(await namesOf(store)).toEqual(["kv.a"]);
    expect(store.health()).toMatchObject({
      index: "scan",
      lastError: expect.stringContaining("the index is off"),
    });
  });

  it("makes the index anew when it is forged or removed under an open store", async () => {
    await using store = await open();
    await store.append([check("kv.a"), check("kv.b")]);
    expect(await namesOf(store)).toEqual(["kv.b", "kv.a"]);
    const forger = new DatabaseSync(join(dir, "index.db"));
    forger.exec("UPDATE records SET hash = 'sha256:00'");
    forger.close();
    expect(await namesOf(store)).toEqual(["kv.b", "kv.a"]);
    await store.append([check("kv.c")]);
    expect(await namesOf(store)).toEqual(["kv.c", "kv.b", "kv.a"]);
    expect(store.health().lastError).toBeUndefined();
    expect(await verifyAudit(dir, { index: true })).toMatchObject({ ok: true });
  });

  it("goes on when a segment is removed between the list of them and the look at it", async () => {
    await using store = await open();
    await store.append([check("kv.a")]);
    symlinkSync(join(folder, "removed"), join(dir, "audit-000000.jsonl"));
    expect(await namesOf(store)).toEqual(["kv.a"]);
    expect(store.health()).toMatchObject({ index: "sqlite" });
  });

  it("ends what it reads when the store is closed, and a query that waits for it hides nothing", async () => {
    const writer = await open({ index: "scan" });
    await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        writer.append(Array.from({ length: 1_000 }, () => check(`kv.n${n}`))),
      ),
    );
    await writer.close();
    const scanned = await queryAudit(dir, {}, { limit: 1_000 });
    const store = await open();
    const begun = begin();
    const asked = store.query({}, { limit: 1_000 });
    await begun;
    const closed = store.close();
    expect(await asked).toEqual(scanned);
    await closed;
    const database = new DatabaseSync(join(dir, "index.db"), { readOnly: true });
    const rows = database.prepare("SELECT count(*) AS rows FROM records").get()?.["rows"];
    database.close();
    expect(rows).toBeLessThan(8_000);
    expect(await verifyAudit(dir, { index: true })).toMatchObject({ ok: true });
  });
});

describe("a program with a store", () => {
  it("ends by itself while the Worker lives, and prints nothing of it", async () => {
    const { stdout, stderr } = await run(`
      await store.append([check]);
      await store.query({});
      console.log("asked");`);
    expect({
      stdout,
      stderr: stderr.replaceAll(/^.*SQLite.*\n.*--trace-warnings.*\n/gmu, ""),
    }).toEqual({
      stdout: "asked\n",
      stderr: "",
    });
  });

  it("stays until a query and the end of the store are answered", async () => {
    const { stdout } = await run(`
      await store.append([check]);
      const alive = setInterval(() => {}, 1_000);
      await new Promise((resolve) => process.once("worker", resolve));
      clearInterval(alive);
      const { records } = await store.query({});
      await store.close();
      console.log(records.length, store.health().index);`);
    expect(stdout).toBe("1 sqlite\n");
  });

  it.each<[string, readonly string[], RegExp]>([
    ["Node has no node:sqlite", ["--no-experimental-sqlite"], /no node:sqlite/u],
    [
      "Node lets nobody start a Worker",
      ["--permission", "--allow-fs-read=*", "--allow-fs-write=*"],
      /index is off.*restricted/u,
    ],
  ])("answers by a scan where %s, and says why", async (_, args, reason) => {
    const { stdout } = await run(
      `
      await store.append([check]);
      const { records } = await store.query({});
      const { index, lastError } = store.health();
      await store.close();
      console.log(JSON.stringify({ records: records.length, index, lastError }));`,
      args,
    );
    expect(JSON.parse(stdout)).toEqual({
      records: 1,
      index: "scan",
      lastError: expect.stringMatching(reason),
    });
    expect(readFileSync(join(dir, "audit-000001.jsonl"), "utf8")).toContain("kv.a");
  });
});
