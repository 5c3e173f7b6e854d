import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  applyVerifier,
  digestTree,
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
const lock = `{
  "lockfileVersion": 1,
  "plugins": {
    "demo": {
      "digest": "${approved.digest}",
      "surface": "${surface}",
      "version": "1.0.0"
    }
  }
}
`;

// At every start: copy into a store while hashing, then ask the verifier about the copy.
const parsed = parseLockfile(new TextEncoder().encode(lock));
if (!parsed.ok) throw new Error(parsed.rejection.kind);
const locked = Object.values(parsed.lock.plugins)[0];
const store = await openTemporaryPluginStore();

for (const text of ["name: demo\nversion: 1.0.0\n", "name: demo\nversion: 6.6.6\n"]) {
  await writeFile(join(folder, "plugin.yaml"), text);
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
