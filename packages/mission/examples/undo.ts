import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileEnvelope, protectObjects } from "@sigilrt/envelope";
import { openSigningKey } from "@sigilrt/journal";
import { fileWrite, openMission, runIdOf, runSteps } from "@sigilrt/mission";

const folder = await realpath(await mkdtemp(join(tmpdir(), "undo-")));
const repoRoot = join(folder, "repository");
await mkdir(repoRoot);
await writeFile(join(repoRoot, "notes.txt"), "before");

const path = join(folder, "mission.jsonl");
const envelope = compileEnvelope(
  {
    allowOps: ["tool.files.*"],
    allowPaths: ["*.txt"],
    denyPaths: [],
    protectedPaths: [],
    maxBudgetUsd: "0",
    expiresAt: null,
  },
  { root: repoRoot, protectedObjects: await protectObjects([path]) },
);

// The same work has the same id; each execution of it has its own besides.
const parts = { baselineCommit: "0000000", lockDigest: "none", inputsDigest: "none" };
const context = {
  repoRoot,
  baselineCommit: parts.baselineCommit,
  runId: runIdOf({ ...parts, envelopeDigest: envelope.digest }),
  runIdAudit: randomUUID(),
  startedAt: new Date().toISOString(),
};
const write = fileWrite();
const breaks = {
  external: false,
  async run() {
    await writeFile(join(repoRoot, "notes.txt"), "half");
    throw new Error("the disk is full");
  },
};
const mission = await openMission(context, {
  path,
  signer: await openSigningKey(join(folder, "key.pem"), "example.org/missions"),
  sinks: [], // written down: without one a cut tail does not show
  envelope,
  ...parts,
  handler: (type) => (type === "tool.files.write" ? write : breaks),
});

const paths = ["notes.txt"];
const compensation = { type: "restore", paths } as const;
const common = { paths, estimateUsd: "0", compensation };
const status = await runSteps(mission, [
  { name: "write", operation: { ...common, type: "tool.files.write", params: { content: "ok" } } },
  { name: "break", operation: { ...common, type: "tool.files.break", params: {} } },
]);
await mission.close();

console.log(status, await readFile(join(repoRoot, "notes.txt"), "utf8"));
for (const step of mission.steps()) console.log(step.stepId, step.status);
const lines = (await readFile(path, "utf8")).trim().split("\n");
const types = lines.map((line): string => JSON.parse(line).type);
console.log(types.filter((type) => type.startsWith("compensation")).join(" "));
await rm(folder, { recursive: true });
