import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  amendLockfile,
  applyVerifier,
  digestTree,
  formatLockfile,
  openTemporaryPluginStore,
  parseLockfile,
  surfaceDigest,
  treeDigestVerifier,
} from "@sigilrt/integrity";

const folder = await mkdtemp(join(tmpdir(), "plugin-"));
await writeFile(join(folder, "plugin.yaml"), "name: demo\nversion: 1.0.0\n");

// Once, by whoever approves: what the bytes are and what the plugin says about itself.
const approved = await digestTree(folder);
if (!approved.ok) throw new Error(approved.rejection.kind);
const surface = surfaceDigest({ capabilities: [], hooks: [], tools: [] });
const entry = { digests: [approved.digest], surface, version: "1.0.0" };
const lock = amendLockfile(undefined, { demo: entry });
if (!lock.ok) throw new Error(lock.rejection.kind);
const text = formatLockfile(lock.lock); // plugins.lock, to be committed

// At every start: copy into a store while hashing, then ask the verifier about the copy.
const parsed = parseLockfile(new TextEncoder().encode(text));
if (!parsed.ok) throw new Error(parsed.rejection.kind);
const locked = Object.values(parsed.lock.plugins)[0];
const store = await openTemporaryPluginStore();

for (const manifest of ["name: demo\nversion: 1.0.0\n", "name: demo\nversion: 6.6.6\n"]) {
  await writeFile(join(folder, "plugin.yaml"), manifest);
  const tree = await store.admit(folder);
  if (!tree.ok) throw new Error(tree.rejection.kind);
  const subject = { plugin: "demo", version: "1.0.0", digest: tree.digest };
  const answer = await applyVerifier(
    treeDigestVerifier(),
    locked ? { ...subject, locked } : subject,
  );
  console.log(answer.ok ? "run it" : answer.rejection.kind);
}
await store[Symbol.asyncDispose]();
await rm(folder, { recursive: true });
