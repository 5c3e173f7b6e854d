import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createCheckpointSigner } from "@sigilrt/journal";
import { count } from "@sigilrt/testing/counts";
import { expect, it } from "vitest";
import { openAuditStore, verifyAudit } from "./index.ts";
import { queryAudit } from "./query.ts";

// A gateway under load: 64 callers ask, and act (here: write a line) only on an allow that was answered.
const gateway = `
import { writeSync } from "node:fs";
import { Enforcer } from "@sigilrt/enforcer";
import { createCheckpointSigner } from "@sigilrt/journal";
import { openAuditStore } from ${JSON.stringify(fileURLToPath(new URL("index.ts", import.meta.url)))};
const signer = createCheckpointSigner("t", Buffer.alloc(32, 7));
const store = await openAuditStore(process.argv[2], { signer, sinks: [] });
const enforcer = new Enforcer(store, Date);
await enforcer.registerPlugin("notes", { allow: ["tool.notes.*"], deny: ["tool.notes.remove"] });
const request = { plugin: "notes", userId: "ada", workspaceId: "home", workspaceAllow: ["tool.*"], userPermissions: ["tool.*"] };
const caller = async () => {
  for (let turn = 0; ; turn += 1) {
    const capability = turn % 4 === 3 ? "tool.notes.remove" : "tool.notes.add";
    const { allowed, receipt } = await enforcer.check({ ...request, capability });
    if (allowed) writeSync(1, receipt.decisionId + "\\n");
  }
};
await Promise.all(Array.from({ length: 64 }, caller));
`;

it(`lets nothing happen without its record over ${count("kills")} kills of a gateway under load`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "audit-"));
  const directoryOf = (round: number): string => join(folder, String(Math.floor(round / 10)));
  // Beside its modules, so that it finds them.
  const script = fileURLToPath(new URL(`killed-${process.pid}.fixture.ts`, import.meta.url));
  writeFileSync(script, gateway);
  const acted = new Map<string, string[]>();
  try {
    for (let round = 0; round < count("kills"); round += 1) {
      const directory = directoryOf(round);
      const args = ["--conditions=@sigilrt/source", script, directory];
      const child: ChildProcess = spawn(process.execPath, args, {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const exited = once(child, "exit");
      const target = 1 + ((round * 7_919) % 400);
      const seen = acted.get(directory) ?? [];
      const end = seen.length + target;
      acted.set(directory, seen);
      if (!child.stdout) throw new Error("no standard output");
      // oxlint-disable-next-line no-await-in-loop -- one gateway after the other
      for await (const line of createInterface(child.stdout)) {
        seen.push(line);
        if (seen.length === end) child.kill("SIGKILL");
      }
      // oxlint-disable-next-line no-await-in-loop -- one gateway after the other
      await exited;
    }
    for (const [directory, decisions] of acted) {
      // oxlint-disable-next-line no-await-in-loop -- one folder after the other
      await recover(directory);
      // oxlint-disable-next-line no-await-in-loop -- as above
      expect(await verifyAudit(directory)).toMatchObject({ ok: true });
      // oxlint-disable-next-line no-await-in-loop -- as above
      const recorded = await allowsIn(directory);
      expect(new Set(recorded).size).toBe(recorded.length);
      const known = new Set(recorded);
      expect(decisions.length).toBeGreaterThan(0);
      expect(decisions.filter((id) => !known.has(id))).toEqual([]);
    }
  } finally {
    rmSync(script, { force: true });
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Opens the folder as the next gateway would, which needs no person. */
async function recover(directory: string): Promise<void> {
  const signer = createCheckpointSigner("t", Buffer.alloc(32, 7));
  await using store = await openAuditStore(directory, { signer, sinks: [] });
  expect(store.health().durable).toBe(true);
}

async function allowsIn(directory: string): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    // oxlint-disable-next-line no-await-in-loop -- page after page
    const page = await queryAudit(
      directory,
      { action: "capability_check", result: "allowed" },
      { limit: 1_000, ...(cursor === undefined ? {} : { cursor }) },
    );
    ids.push(...page.records.flatMap(({ decision }) => decision ?? []));
    ({ cursor } = page);
  } while (cursor !== undefined);
  return ids;
}
