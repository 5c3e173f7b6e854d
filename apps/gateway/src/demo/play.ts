import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { removeFolder } from "@sigilrt/testing/remove-folder";
import { sigil } from "../testing/start-gateway.ts";

/** Plays a demonstration in an empty home and answers what a person sees, with the home as `~`. */
export async function play(name: string): Promise<string> {
  const home = mkdtempSync(join(realpathSync(tmpdir()), "demo-"));
  chmodSync(home, 0o711);
  const script = fileURLToPath(new URL(`../../demo/${name}.sh`, import.meta.url));
  const { SIGIL_CONFIG: _other, ...inherited } = process.env;
  const env = {
    ...inherited,
    HOME: home,
    PATH: `${dirname(sigil)}${delimiter}${inherited["PATH"] ?? ""}`,
  };
  try {
    const child = spawn("sh", [script], { env, stdio: ["ignore", "pipe", "pipe"] });
    const text = { out: "", err: "" };
    child.stdout.on("data", (chunk: Buffer) => (text.out += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (text.err += chunk.toString("utf8")));
    await once(child, "close");
    if (child.exitCode !== 0) throw new Error(`Cannot play "${name}": ${text.err}${text.out}`);
    return text.out.replaceAll(home, "~");
  } finally {
    removeFolder(home);
  }
}
