// Who may import whom. The table is the architecture; run as a script it compares every package with its line.
// `node tooling/architecture.mjs [root]`: a test hands over a copy that breaks a rule.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

/** Layer, purity and the packages of ours that may be imported. */
export const packages = {
  capability: { layer: "vocabulary", pure: true, may: [] },
  canonical: { layer: "vocabulary", pure: true, may: [] },
  protocol: { layer: "vocabulary", pure: true, may: [] },
  enforcer: { layer: "decide", pure: true, may: ["capability"] },
  manifest: { layer: "decide", pure: true, may: ["canonical", "capability"] },
  lifecycle: { layer: "decide", pure: true, may: ["capability"] },
  integrity: { layer: "evidence", pure: false, may: ["canonical"] },
  bundle: { layer: "evidence", pure: false, may: ["canonical"] },
  journal: { layer: "evidence", pure: false, may: ["canonical"] },
  envelope: { layer: "constrain", pure: false, may: ["canonical", "capability", "enforcer"] },
  sandbox: { layer: "constrain", pure: false, may: [] },
  "process-host": { layer: "run", pure: false, may: ["lifecycle", "protocol"] },
  "wasm-host": { layer: "run", pure: false, may: ["lifecycle", "protocol"] },
  audit: { layer: "store", pure: false, may: ["canonical", "enforcer", "journal"] },
  "mcp-host": { layer: "run", pure: false, may: ["lifecycle"] },
  "plugin-sdk": { layer: "author", pure: false, may: ["capability", "protocol"] },
  manager: {
    layer: "orchestrate",
    pure: false,
    may: ["capability", "enforcer", "integrity", "lifecycle", "manifest"],
  },
  "mcp-endpoint": { layer: "endpoint", pure: false, may: ["capability", "enforcer", "manager"] },
  mission: {
    layer: "orchestrate",
    pure: false,
    may: ["canonical", "enforcer", "envelope", "journal"],
  },
  "create-sigil-plugin": { layer: "compose", pure: false, may: [] },
  cli: {
    layer: "compose",
    pure: false,
    may: [
      "audit",
      "bundle",
      "canonical",
      "capability",
      "enforcer",
      "envelope",
      "integrity",
      "journal",
      "manager",
      "manifest",
      "mission",
      "sandbox",
    ],
  },
};

/** What only one file of a package may do, as the text that betrays another: a second way is a second answer. */
export const soleUsers = [
  {
    name: "integrity",
    file: "digest.ts",
    text: /\b(?:createHash|createHmac|hash)\b[^;]*from "node:crypto"|\* as \w+ from "node:crypto"|import \w+ from "node:crypto"/,
  },
  { name: "integrity", file: "lockfile.ts", text: /JSON\.parse/ },
];

/** The folders of the top level. */
export const topLevel = [".changeset", ".ci", ".github", "apps", "docs", "packages", "tooling"];
const ignored = [".git", ".turbo", "coverage", "node_modules"];

const scope = "@sigilrt/";
const [, , elsewhere] = process.argv;
const root = elsewhere ? pathToFileURL(`${elsewhere}/`) : new URL("../", import.meta.url);
const readJson = (path) => JSON.parse(readFileSync(new URL(path, root), "utf8"));

const faults = [];
const folders = readdirSync(new URL("packages/", root));
for (const name of Object.keys(packages)) {
  if (!folders.includes(name)) faults.push(`${name}: in the table, but not in packages/`);
}
for (const name of folders) {
  const line = packages[name];
  if (!line) {
    faults.push(`${name}: not in the table`);
    continue;
  }
  const manifest = readJson(`packages/${name}/package.json`);
  const imported = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
    .filter((dependency) => dependency.startsWith(scope))
    .map((dependency) => dependency.slice(scope.length));
  for (const other of imported) {
    if (!line.may.includes(other)) faults.push(`${name}: may not import ${other}`);
  }
  const tags = [line.layer, ...(line.pure ? ["pure"] : [])].join(", ");
  const turbo = `packages/${name}/turbo.json`;
  const actual = existsSync(new URL(turbo, root)) ? (readJson(turbo).tags ?? []).join(", ") : "";
  if (actual !== tags) {
    faults.push(`${name}: tags in turbo.json are [${actual}], the table says [${tags}]`);
  }
}

const pureFiles = Object.entries(packages)
  .filter(([, { pure }]) => pure)
  .map(([name]) => `packages/${name}/src/**`);
const linted = readJson(".oxlintrc.json").overrides?.[0]?.files ?? [];
if (linted.toSorted().join() !== pureFiles.toSorted().join()) {
  faults.push(`.oxlintrc.json: the first override must name exactly ${pureFiles.join(", ")}`);
}

for (const { name, file, text } of soleUsers) {
  const sources = new URL(`packages/${name}/src/`, root);
  for (const path of readdirSync(sources, { recursive: true, encoding: "utf8" })) {
    const isTest = path.endsWith(".test.ts") || path.startsWith("fixtures/");
    if (!path.endsWith(".ts") || isTest || path === file) continue;
    const found = text.exec(readFileSync(new URL(path, sources), "utf8"));
    if (found) faults.push(`${name}: ${path} has ${found[0]}, which belongs to ${file} alone`);
  }
}

for (const entry of readdirSync(root, { withFileTypes: true })) {
  if (entry.isDirectory() && ![...topLevel, ...ignored].includes(entry.name)) {
    faults.push(`${entry.name}: not a folder of the top level`);
  }
}

for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
