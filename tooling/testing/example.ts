import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "vitest";

/**
 * Runs an example of a package with plain Node, expects `lines` on its standard output, and expects the package's README to
 * show the same text, so that what a stranger copies is what was run.
 */
export async function expectReadmeExample(example: URL, lines: readonly string[]): Promise<void> {
  const text = await readFile(example, "utf8");
  const readme = await readFile(new URL("../README.md", example), "utf8");
  expect(readme).toContain(`\`\`\`ts\n${text}\`\`\``);

  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@sigilrt/source",
    fileURLToPath(example),
  ]);
  expect(stdout.trimEnd().split("\n")).toEqual(lines);
}
