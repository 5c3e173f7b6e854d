import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import type { AuditRecord } from "@sigilrt/enforcer";
import { openJournal, signCheckpoint, verifyJournal } from "@sigilrt/journal";
import { benchFolder, benchSigner, openBenchStore } from "./bench-store.ts";
import type { CallCase } from "./call-ratio.ts";

const record = {
  action: "capability_check",
  actor: "ada",
  workspace: "home",
  plugin: "notes",
  capability: "tool.notes.add",
  result: "allowed",
  reason: "allowed",
} as const satisfies AuditRecord;
const line = `${JSON.stringify({ ...record, seq: 1, pad: "x".repeat(300) })}\n`;

/** One write and one sync for each call, one after the other, as a log without batches does it. */
async function plainLog(isDurable: boolean) {
  const folder = await benchFolder();
  const handle = await open(join(folder, "plain"), "a");
  let last: Promise<unknown> = Promise.resolve();
  return {
    append(): Promise<boolean> {
      const done = last.then(async () => {
        await handle.write(line);
        if (isDurable) await handle.datasync();
        return true;
      });
      last = done;
      return done;
    },
    async close() {
      await handle.close();
      await rm(folder, { recursive: true });
    },
  };
}

function againstSync(inFlight: number, maxRatio: number): CallCase {
  return {
    name: `audit: a durable record, ${inFlight} callers, against one write with fdatasync per record`,
    maxRatio,
    inFlight,
    calls: inFlight === 1 ? 300 : inFlight * 4,
    async open() {
      const [ours, peer] = [await openBenchStore(), await plainLog(true)];
      return {
        ours: async () => (await ours.store.append([record])).length === 1,
        peer: () => peer.append(),
        async [Symbol.asyncDispose]() {
          await ours.close();
          await peer.close();
        },
      };
    },
  };
}

const unsafe: CallCase = {
  name: "audit: durability none, one caller, against a plain append of a line as long",
  maxRatio: 2,
  calls: 5_000,
  async open() {
    const [ours, peer] = [
      await openBenchStore({ durability: "none", index: "scan" }),
      await plainLog(false),
    ];
    return {
      ours: async () => (await ours.store.append([record])).length === 1,
      peer: () => peer.append(),
      async [Symbol.asyncDispose]() {
        await ours.close();
        await peer.close();
      },
    };
  },
};

const inTransactions: CallCase = {
  name: "audit: a durable record, 64 callers, against node:sqlite with 100 durable inserts per transaction",
  // capability of theirs to ours: at least 0.8.
  maxRatio: 1 / 0.8,
  inFlight: 64,
  calls: 3_200,
  async open() {
    const ours = await openBenchStore();
    const database = new DatabaseSync(join(ours.folder, "peer.db"));
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    database.exec("CREATE TABLE records (seq INTEGER PRIMARY KEY, body TEXT NOT NULL)");
    const insert = database.prepare("INSERT INTO records (body) VALUES (?)");
    let held = 0;
    return {
      ours: async () => (await ours.store.append([record])).length === 1,
      async peer() {
        if (held === 0) database.exec("BEGIN");
        held = (held + 1) % 100;
        const isIn = insert.run(line).changes === 1;
        if (held === 0) database.exec("COMMIT");
        return isIn;
      },
      async [Symbol.asyncDispose]() {
        if (held > 0) database.exec("COMMIT");
        database.close();
        await ours.close();
      },
    };
  },
};

const indexed: CallCase = {
  name: "audit: a durable record with the index, 64 callers, against without",
  maxRatio: 1.15,
  inFlight: 64,
  calls: 3_200,
  async open() {
    const [ours, peer] = [await openBenchStore(), await openBenchStore({ index: "scan" })];
    return {
      ours: async () => (await ours.store.append([record])).length === 1,
      peer: async () => (await peer.store.append([record])).length === 1,
      async [Symbol.asyncDispose]() {
        await ours.close();
        await peer.close();
      },
    };
  },
};

/** A journal of so many records, written without waiting for the disk. */
export async function longJournal(
  records: number,
): Promise<{ readonly path: string; readonly close: () => Promise<void> }> {
  const folder = await benchFolder();
  const path = join(folder, "audit-000001.jsonl");
  const journal = await openJournal(path, {
    log: "audit-000001",
    signer: benchSigner,
    sinks: [],
    durability: "none",
  });
  const batch = Array.from({ length: 1_000 }, () => ({
    type: "audit.record",
    body: { ...record, matched: {}, decision: `audit-000001-${"ab".repeat(12)}` },
  }));
  for (let written = 0; written < records; written += batch.length) {
    // oxlint-disable-next-line no-await-in-loop -- one batch after the other
    await journal.append(batch);
  }
  await journal.close();
  return { path, close: () => rm(folder, { recursive: true }) };
}

function verifying(
  name: string,
  maxRatio: number,
  sides: (path: string) => Record<"ours" | "peer", () => Promise<boolean>>,
): CallCase {
  return {
    name: `journal: 100,000 records verified ${name}`,
    maxRatio,
    calls: 1,
    async open() {
      const { path, close } = await longJournal(100_000);
      return { ...sides(path), [Symbol.asyncDispose]: close };
    },
  };
}

const verified = async (path: string, mode: "fast" | "strict"): Promise<boolean> =>
  (await verifyJournal(createReadStream(path), { mode })).ok;

/** As often as a log of its own accord. */
const CHECKPOINT_EVERY = 256;

const checkpoints: CallCase = {
  name: "journal: signing a checkpoint, against the 256 durable records that it follows, 64 at once",
  maxRatio: 0.01,
  calls: 4,
  async open() {
    const { store, close } = await openBenchStore();
    const state = { log: "audit-000001", size: 1_000_000, root: `${"A".repeat(43)}=` };
    return {
      ours: async () => signCheckpoint(state, benchSigner).length > 0,
      async peer() {
        let left = CHECKPOINT_EVERY;
        const caller = async (): Promise<void> => {
          for (; left > 0;) {
            left -= 1;
            // oxlint-disable-next-line no-await-in-loop -- a caller makes one record after the other
            await store.append([record]);
          }
        };
        await Promise.all(Array.from({ length: 64 }, caller));
        return true;
      },
      [Symbol.asyncDispose]: close,
    };
  },
};

/** audit.md section 8, and the share of checkpoints of mission.md section 10. PostgreSQL has no row: there is no such store in this version. */
export const auditLogCases: readonly CallCase[] = [
  againstSync(512, 1 / 30),
  againstSync(64, 1 / 10),
  againstSync(1, 2),
  unsafe,
  inTransactions,
  indexed,
  checkpoints,
  verifying("fast, against strict", 1 / 4, (path) => ({
    ours: () => verified(path, "fast"),
    peer: () => verified(path, "strict"),
  })),
  verifying("fast, against openssl dgst -sha256 of the same bytes", 6, (path) => ({
    ours: () => verified(path, "fast"),
    peer: async () =>
      (await promisify(execFile)("openssl", ["dgst", "-sha256", path])).stdout.includes("SHA2-256"),
  })),
];
