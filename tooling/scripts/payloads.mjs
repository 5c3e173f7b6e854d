// Lays out the published programs of the sample gateway: plain files, no links, no install script, exactly as their lock files say.
// Plain JavaScript for Node 18+, since it runs while the right Node is still on its way.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const plugins = new URL("../../apps/gateway/plugins/", import.meta.url);
const workshop = new URL("../../apps/gateway/data/payloads/", import.meta.url);
const flags = ["--ignore-scripts", "--omit=dev", "--no-bin-links", "--no-audit", "--no-fund"];

/** The npm that is running, or the one on the path. */
export const npm = process.env.npm_execpath?.endsWith("npm-cli.js")
  ? [process.execPath, process.env.npm_execpath]
  : ["npm"];

/** The plugins whose programs come from npm. */
export const payloads = ["files", "everything"];

/** Lays out what is missing or no longer what its lock file says. */
export async function layOutPayloads() {
  await mkdir(workshop, { recursive: true, mode: 0o711 });
  await Promise.all(payloads.map(layOut));
}

async function layOut(name) {
  const home = new URL(`${name}/`, plugins);
  const lock = await readFile(new URL("package-lock.json", home));
  const wanted = createHash("sha256").update(lock).digest("hex");
  const stamp = new URL(`${name}.sha256`, workshop);
  const modules = new URL("node_modules", home);
  const laidOut = await readFile(stamp, "utf8").catch(() => "");
  if (laidOut === wanted && existsSync(modules)) return;

  console.error(`Laying out the published program of plugin "${name}"`);
  const bench = new URL(`${name}/`, workshop);
  await rm(bench, { recursive: true, force: true });
  await mkdir(bench, { recursive: true });
  const described = ["package.json", "package-lock.json"];
  await Promise.all(described.map((file) => cp(new URL(file, home), new URL(file, bench))));
  await run([...npm, "ci", ...flags], bench, name);
  // npm's note to itself names the registry it used; it is no part of what was published.
  await rm(new URL("node_modules/.package-lock.json", bench), { force: true });
  await rm(modules, { recursive: true, force: true });
  await rename(new URL("node_modules", bench), modules);
  await rm(bench, { recursive: true, force: true });
  await writeFile(stamp, wanted);
}

function run([command, ...args], folder, name) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: fileURLToPath(folder),
      env: { ...process.env, npm_config_update_notifier: "false" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let told = "";
    child.stderr.on("data", (chunk) => (told = `${told}${chunk}`.slice(-4_096)));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) return resolve();
      reject(new Error(`Cannot lay out plugin "${name}": npm ci ended with ${code}\n${told}`));
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await layOutPayloads();
