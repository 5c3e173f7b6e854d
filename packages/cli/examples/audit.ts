import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileSink, openAuditStore } from "@sigilrt/audit";
import { type Composition, EXIT, runSigil } from "@sigilrt/cli";
import { openSigningKey } from "@sigilrt/journal";

const folder = await mkdtemp(join(tmpdir(), "gateway-"));
const directory = join(folder, "audit");
const anchor = join(folder, "checkpoints"); // belongs on another disk
const signer = await openSigningKey(join(folder, "key.pem"), "example.org/gateway");
const key = join(folder, "key.vkey");
await writeFile(key, signer.vkey);

// What an application composes; this one has nothing to serve and everything to look at.
const composition: Composition = {
  version: "1.0.0",
  defaultConfiguration: "gateway.yaml",
  up: async (_options, terminal) => {
    terminal.err("Cannot serve: this example has no gateway");
    return EXIT.undecided;
  },
  createToken: async () => "a token of the application's own making",
  explain: () => Promise.reject(new Error("Cannot explain: this example has no policy")),
  auditPlace: async () => ({ directory, anchors: [anchor], keys: [key] }),
};

const store = await openAuditStore(directory, { signer, sinks: [fileSink(anchor)] });
const decided = { action: "capability_check", workspace: "home", plugin: "notes" } as const;
await store.append([
  { ...decided, actor: "ada", capability: "tool.notes.add", result: "allowed", reason: "allowed" },
]);
await store.close();

const terminal = {
  out: (line: string): void => console.log(line),
  err: (line: string): void => console.error(line),
};
console.log(await runSigil(["audit", "tail"], composition, terminal));
console.log(await runSigil(["audit", "verify"], composition, terminal));
await rm(folder, { recursive: true });
