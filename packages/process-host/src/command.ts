import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import type { StartSpec } from "@sigilrt/lifecycle";
import { ProcessHostError } from "./process-host-error.ts";
import { quoted } from "./quoted.ts";

/** A program and its arguments. */
export interface ResolvedCommand {
  readonly path: string;
  readonly args: readonly string[];
}

/** Finds the program that a spec names: one of the two runtimes of the manifest, or a path inside its tree, bare names too. */
export async function resolveCommand(spec: StartSpec): Promise<ResolvedCommand> {
  if (!("command" in spec.entry)) throw failed("the entry is a module, not a program");
  const [program, ...args] = spec.entry.command;
  if (program === "node") return { path: process.execPath, args };
  if (program === "python3") return { path: await findRuntime(program), args };
  const root = await realpath(spec.root).catch((error: unknown) => {
    throw failed("its tree is missing", error);
  });
  const path = await realpath(join(root, program)).catch((error: unknown) => {
    throw failed(`${quoted(program)} is missing in its tree`, error);
  });
  const inner = relative(root, path);
  // A link or ".." in the entry would start a program that nobody verified.
  if (isAbsolute(program) || isAbsolute(inner) || inner === ".." || inner.startsWith(`..${sep}`)) {
    throw failed(`${quoted(program)} lies outside its tree`);
  }
  return { path, args };
}

const RUNTIME_FOLDERS = ["/usr/local/bin", "/usr/bin", "/bin"];

async function findRuntime(name: string): Promise<string> {
  for (const folder of RUNTIME_FOLDERS) {
    const path = join(folder, name);
    // oxlint-disable-next-line no-await-in-loop -- the first folder that has it wins
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw failed(`no runtime ${quoted(name)} is installed in ${RUNTIME_FOLDERS.join(", ")}`);
}

const failed = (found: string, cause?: unknown): ProcessHostError =>
  new ProcessHostError("SPAWN_FAILED", `Cannot start the plugin: ${found}`, {
    phase: "spawn",
    cause,
  });
