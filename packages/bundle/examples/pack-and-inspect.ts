import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeRejection, extractBundle, inspectBundle, packBundle } from "@sigilrt/bundle";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

// Where the plugin is built: one tree, one sequence of bytes, on every machine.
const bundle = packBundle([
  { path: "plugin.yaml", content: text("name: demo\nversion: 1.0.0\n") },
  { path: "index.js", content: text("export const answer = 42;\n") },
]);

// Where it runs: nothing is written and nothing runs before every check has passed.
const verdict = inspectBundle(bundle, { required: ["plugin.yaml"] });
if (!verdict.ok) throw new Error(describeRejection(verdict.rejection));
console.log(verdict.digest);
console.log(verdict.files.map(({ path }) => path).join(", "));

const folder = await mkdtemp(join(tmpdir(), "bundle-"));
const extracted = await extractBundle(bundle, join(folder, "demo"));
console.log(extracted.ok && extracted.fileList.trimEnd());

// One changed bit is enough.
const changed = Uint8Array.from(bundle);
changed[changed.length - 1] = 1;
const refused = await extractBundle(changed, join(folder, "changed"));
if (!refused.ok) console.log(describeRejection(refused.rejection));
await rm(folder, { recursive: true });
