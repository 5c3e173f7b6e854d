import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { removeFolder } from "@sigilrt/testing/remove-folder";

const program = fileURLToPath(
  new URL(
    "../node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js",
    import.meta.url,
  ),
);

/** Runs the official Inspector's command line to its end and answers what it printed, parsed. @throws Error with its complaint */
export async function inspect(...args: readonly string[]): Promise<unknown> {
  // It keeps a catalogue in its user's home.
  const home = mkdtempSync(join(tmpdir(), "inspector-"));
  const child = spawn(process.execPath, [program, "--cli", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], HOME: home },
  });
  const ended = once(child, "exit");
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  removeFolder(home);
  if (child.exitCode !== 0) throw new Error(`The Inspector ended with ${child.exitCode}: ${err}`);
  return JSON.parse(out);
}
