// Sets up what `npm start` needs and is missing: the dependencies of the gateway, the sample's published programs, system packages.
// Plain JavaScript for Node 18+, since it runs on whatever Node npm came with.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { layOutPayloads } from "./payloads.mjs";

const root = new URL("../../", import.meta.url);
const stamp = new URL("node_modules/.sigil-start", root);
const pnpm = fileURLToPath(new URL("pnpm.mjs", import.meta.url));
const system = fileURLToPath(new URL("system.mjs", import.meta.url));
const own = fileURLToPath(new URL("node_modules/.bin/node", root));

try {
  await Promise.all([installDependencies(), layOutPayloads()]);
  await run(existsSync(own) ? own : process.execPath, [system]);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/** Installs into an empty checkout what the gateway needs and no tools; all of it where tools already are. */
async function installDependencies() {
  const lock = await readFile(new URL("pnpm-lock.yaml", root));
  const wanted = createHash("sha256").update(lock).digest("hex");
  if ((await readFile(stamp, "utf8").catch(() => "")) === wanted) return;
  console.error("Installing what the gateway depends on");
  const isPart = !existsSync(new URL("node_modules", root));
  const part = isPart ? ["--prod", "--filter-prod", "@sigilrt/gateway..."] : [];
  await run(process.execPath, [pnpm, "install", "--frozen-lockfile", "--reporter=silent", ...part]);
  // Without its note pnpm looks again: `npm test` then installs the rest, which it would not after a part.
  if (isPart) await Promise.all((await pnpmNotes()).map((note) => rm(note)));
  await writeFile(stamp, wanted);
}

async function pnpmNotes() {
  const modules = new URL("node_modules/", root);
  const names = await readdir(modules);
  return names
    .filter((name) => name.startsWith(".pnpm-workspace-state"))
    .map((name) => new URL(name, modules));
}

function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: fileURLToPath(root), stdio: ["ignore", 2, 2] });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`Cannot set up the gateway: a step ended with ${code}, see above`));
    });
  });
}
