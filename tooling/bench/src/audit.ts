import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Enforcer } from "@sigilrt/enforcer";
import { openBenchStore } from "./bench-store.ts";
import type { CallCase } from "./call-ratio.ts";

const request = {
  plugin: "notes",
  capability: "tool.notes.add",
  userId: "ada",
  workspaceId: "home",
  workspaceAllow: ["tool.*"],
  userPermissions: ["tool.*"],
};

function decisions(inFlight: number, maxRatio: number): CallCase {
  return {
    name: `enforcer and audit: a decision with its durable record, ${inFlight} in flight, against node:sqlite with one durable insert per transaction`,
    maxRatio,
    inFlight,
    calls: 1_000,
    async open() {
      const { folder, store, close } = await openBenchStore();
      const enforcer = new Enforcer(store, Date);
      await enforcer.registerPlugin("notes", { allow: ["tool.notes.*"], deny: [] });
      const database = new DatabaseSync(join(folder, "peer.db"));
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
      database.exec("CREATE TABLE records (seq INTEGER PRIMARY KEY, body TEXT NOT NULL)");
      const insert = database.prepare("INSERT INTO records (body) VALUES (?)");
      const body = JSON.stringify({ ...request, result: "allowed", reason: "allowed" });
      return {
        ours: async () => (await enforcer.check(request)).allowed,
        peer: async () => insert.run(body).changes === 1,
        async [Symbol.asyncDispose]() {
          database.close();
          await close();
        },
      };
    },
  };
}

// audit.md section 8: 15 times as fast as one insert per transaction at 64 callers; one caller pays one sync, like the peer.
export const auditCases: readonly CallCase[] = [decisions(64, 1 / 15), decisions(1, 2)];
