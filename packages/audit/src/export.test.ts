import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type EmbeddedAuditStore,
  exportAudit,
  type ExportedRecord,
  openAuditStore,
} from "@sigilrt/audit";
import type { AuditRecord } from "@sigilrt/enforcer";
import { createCheckpointSigner } from "@sigilrt/journal";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const signer = createCheckpointSigner("gateway", Buffer.alloc(32, 7));
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "audit-export-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const clock = { now: (): number => Date.parse("2026-01-02T03:04:05.006Z") };
const open = (): Promise<EmbeddedAuditStore> =>
  openAuditStore(dir, { signer, sinks: [], clock, segmentBytes: 4_000 });
const check = (capability: string, more: Partial<AuditRecord> = {}): AuditRecord => ({
  action: "capability_check",
  actor: "ada",
  capability,
  result: "allowed",
  reason: "allowed",
  ...more,
});
const segment = (number: number): string => join(dir, `audit-00000${number}.jsonl`);
const written = async (): Promise<void> => {
  await using store = await open();
  for (let n = 0; n < 25; n += 1) {
    // oxlint-disable-next-line no-await-in-loop -- so that segments fill one after the other
    await store.append([check(`kv.n${n}`)]);
  }
};
const collect = async (source: AsyncIterable<ExportedRecord>) => {
  const records: ExportedRecord[] = [];
  for await (const record of source) records.push(record);
  return records;
};
const textsOf = (records: readonly ExportedRecord[]) => records.map(({ text }) => text);

describe("an export", () => {
  it("goes on after any record, across segments, without losing or repeating one", async () => {
    await written();
    const all = await collect(exportAudit(dir, { format: "jsonl" }));
    const lines = [1, 2, 3].flatMap((n) => readFileSync(segment(n), "utf8").trimEnd().split("\n"));
    expect(textsOf(all).slice(0, lines.length)).toEqual(lines);
    for (const [index, from] of all.entries()) {
      // oxlint-disable-next-line no-await-in-loop -- one place after the other
      const rest = await collect(exportAudit(dir, { format: "jsonl", from }));
      expect(rest).toEqual(all.slice(index + 1));
    }
  });

  it("gives log records of OpenTelemetry, from an open store too", async () => {
    await using store = await open();
    const [trace, span] = ["ab".repeat(16), "cd".repeat(8)];
    const [receipt] = await store.append([
      check("exec.run", {
        result: "denied",
        reason: "no",
        trace,
        span,
        generation: 2,
        cached: false,
      }),
      check("kv.a", { trace: "0".repeat(32), span: "x" }),
    ]);
    const all = await collect(store.exportRecords({ format: "otel" }));
    const [denied, plain] = textsOf(all).map((text) => JSON.parse(text) as object);
    expect(denied).toMatchObject({
      timeUnixNano: "1767323045006000000",
      observedTimeUnixNano: "1767323045006000000",
      severityText: "WARN",
      traceId: trace,
      spanId: span,
      attributes: expect.arrayContaining([
        { key: "event.name", value: { stringValue: "sigil.audit.capability_check" } },
        { key: "sigil.audit.entry_hash", value: { stringValue: receipt?.hash } },
        { key: "sigil.audit.seq", value: { intValue: "1" } },
        { key: "sigil.audit.generation", value: { intValue: "2" } },
        { key: "sigil.audit.cached", value: { boolValue: false } },
      ]),
    });
    expect(plain).not.toHaveProperty("traceId");
    expect(plain).not.toHaveProperty("spanId");
  });

  it.each(["otel", "jsonl"] as const)(
    "lets no record forge a line or a terminal sequence: %s",
    async (format) => {
      const evil = "a\n{}\r\u2028\u2029\u0085\u009B31m\u001B[2J\u007F\u202E\uFEFF";
      await using store = await open();
      await store.append([check(evil, { actor: evil })]);
      const all = await collect(store.exportRecords({ format }));
      const text = all.at(-1)?.text ?? "";
      expect(text).not.toMatch(/[\p{Cc}\u2028\u2029\u202E\uFEFF]/u);
      expect(JSON.stringify(JSON.parse(text))).toContain(JSON.stringify(evil));
    },
  );

  it("does not go on after a record that the log no longer has, nor over an edit", async () => {
    await written();
    const all = await collect(exportAudit(dir, { format: "jsonl" }));
    const refused = async (from: ExportedRecord | undefined) =>
      expect(
        collect(exportAudit(dir, { format: "jsonl", ...(from ? { from } : {}) })),
      ).rejects.toMatchObject({ code: "NOT_VERIFIED" });
    const last = all.at(-1);
    if (!last) throw new Error("nothing was exported");
    await refused({ ...last, hash: "sha256:00" });
    await refused({ ...last, seq: 99 });
    await refused({ ...last, log: "audit-000099" });
    await refused({ ...last, log: "../audit-000001" });
    writeFileSync(segment(1), readFileSync(segment(1), "utf8").replace("kv.n1", "kv.x1"));
    await refused(undefined);
  });

  it("ends when it is told to, and cannot read what is not there", async () => {
    await written();
    const signal = AbortSignal.abort(new Error("enough"));
    const ended = collect(exportAudit(dir, { format: "jsonl", signal }));
    await expect(ended).rejects.toThrow("enough");
    const absent = collect(exportAudit(`${dir}/absent`, { format: "otel" }));
    await expect(absent).rejects.toMatchObject({ code: "IO" });
  });
});
