import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryAuditStore, Enforcer, type StoredAuditRecord } from "@sigilrt/enforcer";
import { compileEnvelope, type EnvelopeSpec, protectObjects } from "@sigilrt/envelope";
import { acceptUnverified } from "@sigilrt/integrity";
import { createCheckpointSigner } from "@sigilrt/journal";
import type { ChatEvent } from "@sigilrt/lifecycle";
import { createFakeHost } from "@sigilrt/lifecycle/testing";
import { acceptDeclared, PluginManager, type Principal } from "@sigilrt/manager";
import { type Mission, openMission, type Operation, runIdOf, runSteps } from "@sigilrt/mission";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FILE_WRITE, missionHandlers } from "./mission-handlers.ts";

const recorded: readonly ChatEvent[] = [
  { kind: "text", text: "It is " },
  { kind: "text", text: "sunny" },
  {
    kind: "usage",
    usage: { inputTokens: 2_000, outputTokens: 100, cacheReadTokens: 0, cacheWriteTokens: 0 },
  },
  { kind: "done" },
];
const price = { inputPerMillion: 3_000_000n, outputPerMillion: 15_000_000n };

let folder: string;
let manager: PluginManager;
let audit: ReturnType<typeof createMemoryAuditStore>;
let called: string[];

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "mission-handlers-")));
  called = [];
  for (const [name, type] of [
    ["weather", "tool"],
    ["model", "provider"],
  ] as const) {
    mkdirSync(join(folder, "plugins", name), { recursive: true });
    writeFileSync(
      join(folder, "plugins", name, "plugin.yaml"),
      `name: ${name}\nversion: 1.0.0\ntype: ${type}\nexecution: { tier: process }\nentry: { command: [node, main.js] }\n`,
    );
  }
  mkdirSync(join(folder, "repository/out"), { recursive: true });
  audit = createMemoryAuditStore({ maxRecords: 1_000 });
  manager = new PluginManager({
    directories: [join(folder, "plugins")],
    hosts: { grpc: createFakeHost({ adapters: ["grpc"], plugin: fakePlugin }) },
    verifier: acceptUnverified(),
    consent: acceptDeclared(),
    enforcer: new Enforcer(audit, Date),
    audit,
    engine: "0.1.0",
  });
  await manager.discover();
});
afterEach(async () => {
  await manager.close();
  rmSync(folder, { recursive: true, force: true });
});

const fakePlugin = (): ReturnType<
  NonNullable<NonNullable<Parameters<typeof createFakeHost>[0]>["plugin"]>
> => ({
  tools: {
    async *report({ arguments: { city } }) {
      called.push("tool");
      const text = `sunny in ${JSON.stringify(city)}`;
      yield { kind: "content", content: { kind: "text", text } };
      yield { kind: "result", isError: city === "nowhere" };
    },
  },
  services: {
    provider: () => ({
      kind: "provider",
      models: () => Promise.resolve([]),
      async *chat() {
        called.push("model");
        yield* recorded;
      },
      status: () => Promise.reject(new Error("not asked")),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  },
});

const principal: Principal = {
  workspace: "studio",
  user: "ada",
  workspaceAllow: ["tool.*", "provider.*"],
  permissions: ["tool.*", "provider.*"],
};

async function open(
  given: Partial<EnvelopeSpec> = {},
  who: Principal = principal,
): Promise<Mission> {
  const root = join(folder, "repository");
  const spec = {
    allowOps: ["tool.weather.report", "provider.model.chat", FILE_WRITE],
    allowPaths: ["out/**"],
    denyPaths: [],
    protectedPaths: [],
    maxBudgetUsd: "0.02",
    expiresAt: null,
    ...given,
  };
  const path = join(folder, "journal.jsonl");
  const envelope = compileEnvelope(spec, {
    root,
    protectedObjects: await protectObjects([path]),
  });
  const digests = { lockDigest: "l", inputsDigest: "i" };
  const baselineCommit = "c";
  const parts = { ...digests, baselineCommit, envelopeDigest: envelope.digest };
  return openMission(
    {
      repoRoot: root,
      baselineCommit,
      runId: runIdOf(parts),
      runIdAudit: "00000000-0000-4000-8000-000000000001",
      startedAt: "2026-11-21T12:00:00.000Z",
    },
    {
      path,
      signer: createCheckpointSigner("test", Buffer.alloc(32, 7)),
      sinks: [],
      envelope,
      ...digests,
      handler: missionHandlers({
        manager,
        principal: who,
        mission: "report",
        envelope,
        price: () => price,
      }),
    },
  );
}

const none = { type: "none", reason: "nothing to undo" } as const;
const tool = {
  type: "tool.weather.report",
  params: { city: "Oslo" },
  paths: [],
  estimateUsd: "0",
  compensation: none,
} as const;
const model = {
  type: "provider.model.chat",
  params: { model: "m", messages: [{ role: "user", content: "weather?" }] },
  paths: [],
  estimateUsd: "0.01",
  compensation: none,
} as const;
const file = {
  type: FILE_WRITE,
  params: { content: "sunny" },
  paths: ["out/report.txt"],
  estimateUsd: "0",
  compensation: { type: "delete", paths: ["out/report.txt"] },
} as const;
const decisions = async (): Promise<readonly StoredAuditRecord[]> =>
  (await audit.query({ action: "capability_check" })).records;
const runOne = async (mission: Mission, operation: Omit<Operation, "operationId">) => {
  await mission.step({ stepId: "1", name: "one", inputs: {} });
  return mission.run("1", { ...operation, operationId: "1" });
};

describe("the operations of a mission", () => {
  it("call a tool, ask a model and write a file, each decided with the mission as its fifth leg", async () => {
    await using mission = await open();
    const status = await runSteps(mission, [
      { name: "ask-tool", operation: tool },
      { name: "ask-model", operation: model },
      { name: "write", operation: file },
    ]);
    expect(status).toBe("ok");
    expect(mission.steps().map(({ outputs }) => outputs)).toMatchObject([
      { texts: [`sunny in "Oslo"`] },
      { text: "It is sunny" },
      { bytes: 5 },
    ]);
    // 2,000 tokens at 3 and 100 at 15 micro-dollars.
    expect(mission.budget()).toMatchObject({ spent: 7_500n, held: 0n });
    expect(readFileSync(join(folder, "repository/out/report.txt"), "utf8")).toBe("sunny");
    const checks = await decisions();
    expect(checks.map(({ mission: id, result }) => [id, result])).toEqual([
      ["report", "allowed"],
      ["report", "allowed"],
    ]);
    expect(checks.every(({ matched }) => matched?.mission !== undefined)).toBe(true);
  });

  it("do not reach a model that cannot be paid any more", async () => {
    await using mission = await open();
    const asked = ["1", "2", "3"].map((name) => ({ name, operation: model }));
    expect(await runSteps(mission, asked)).toBe("denied");
    expect(called).toEqual(["model", "model"]);
    expect(mission.budget().spent).toBe(15_000n);
  });

  it("do not run what the user may not, whatever the envelope says", async () => {
    for (const operation of [tool, model]) {
      // oxlint-disable-next-line no-await-in-loop -- one mission after the other
      const mission = await open({}, { ...principal, permissions: [] });
      // oxlint-disable-next-line no-await-in-loop -- one mission after the other
      const receipt = await runOne(mission, operation);
      expect(receipt).toMatchObject({ status: "denied", denial: "refused", cost: 0n });
      // oxlint-disable-next-line no-await-in-loop -- one mission after the other
      await mission.close();
      rmSync(join(folder, "journal.jsonl"));
      rmSync(join(folder, "journal.jsonl.checkpoints"));
    }
    expect(called).toEqual([]);
  });

  it("do not ask the manager about what the envelope refuses", async () => {
    await using mission = await open({ allowOps: [FILE_WRITE] });
    expect(await runOne(mission, tool)).toMatchObject({ denial: "op_not_allowed" });
    expect(await decisions()).toEqual([]);
  });

  it("fail with the tool", async () => {
    await using mission = await open();
    const receipt = await runOne(mission, { ...tool, params: { city: "nowhere" } });
    expect(receipt).toMatchObject({ status: "failed", compensationStatus: "not_needed" });
    expect(mission.ended).toBeUndefined();
  });
});
