import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  compileEnvelope,
  createBudget,
  decide,
  openContained,
  parseUsd,
  protectObjects,
} from "@sigilrt/envelope";

const folder = await realpath(await mkdtemp(join(tmpdir(), "contain-")));
const root = join(folder, "repository");
await mkdir(join(root, "out"), { recursive: true });
await writeFile(join(root, "plugins.lock"), "the rules");
await writeFile(join(folder, "secret.txt"), "not yours");
await symlink(join(folder, "secret.txt"), join(root, "out/link"));

const envelope = compileEnvelope(
  {
    allowOps: ["tool.files.*"],
    allowPaths: ["**"],
    denyPaths: ["out/private"],
    protectedPaths: [],
    maxBudgetUsd: "1.00",
    expiresAt: null, // written down: it never ends
  },
  // Protected whatever the spec says: by path, and by device and inode.
  { root, protectedObjects: await protectObjects([join(root, "plugins.lock")]) },
);

const operation = "tool.files.write";
const now = Date.now();
for (const path of ["out/a.txt", "OUT/Private/key", "PLUGINS.LOCK", "../secret.txt"]) {
  const decision = decide(envelope, { operation, paths: [path], estimateUsd: "0" }, now);
  console.log(path, decision.allowed ? "allowed" : decision.reason);
}

// What is handed out is an open handle: whoever renames afterwards changes nothing.
for (const path of ["out/a.txt", "out/link"]) {
  const outcome = await openContained(envelope, { operation, path, now, access: "replace" });
  if (outcome.ok) {
    await outcome.file.handle.write("hello");
    await outcome.file.publish();
    await outcome.file.close();
  }
  console.log(path, outcome.ok ? "written" : outcome.reason);
}

const budget = createBudget(parseUsd("1.00"));
const answers = [budget.reserve(parseUsd("0.60")), budget.reserve(parseUsd("0.60"))];
console.log(answers.map((answer) => (answer.ok ? "held" : answer.reason)).join(", "));
await rm(folder, { recursive: true });
