import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, realpathSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createSandbox, type Sandbox } from "@sigilrt/sandbox";
import { removeFolder } from "@sigilrt/testing/remove-folder";

/** Where a checkout lies from which programs are started. */
export type PlaceName = "a closed home of root" | "a temporary folder" | "an ordinary user's home";

/** A checkout with a Node of its own, and a sandbox whose programs are taken from it. */
export interface ProgramPlace extends AsyncDisposable {
  /** The checkout, with `node` and `tree` in it. */
  readonly checkout: string;
  /** Where programs are installed: in the checkout, or, where their user could not reach it, in a folder of its own. */
  readonly code: string;
  readonly sandbox: Sandbox;
  /** Makes a folder that programs may be granted, owned by their user. */
  addFolder(name: string): string;
}

const isRoot = process.getuid?.() === 0;
const owner = isRoot ? { uid: 65_534, gid: 65_534 } : undefined;

/** The places that this user can prove. */
export const placesHere: readonly PlaceName[] = isRoot
  ? ["a closed home of root", "a temporary folder"]
  : ["a temporary folder", "an ordinary user's home"];

/** Makes one, with a copy of a tree of programs. */
export async function openPlace(name: PlaceName, programs: string): Promise<ProgramPlace> {
  const checkout = mkdtempSync(join(realpathSync(parentOf(name)), "checkout-"));
  const isClosed = name !== "a temporary folder";
  chmodSync(checkout, isClosed ? 0o700 : 0o711);
  copyFileSync(process.execPath, join(checkout, "node"));
  chmodSync(join(checkout, "node"), 0o755);
  const tree = join(checkout, "tree");
  copyTree(programs, tree);

  // What another user has to reach lies outside of what is closed to it.
  const isOutOfReach = isClosed && owner !== undefined;
  const space = isOutOfReach ? mkdtempSync(join(realpathSync(tmpdir()), "space-")) : checkout;
  if (isOutOfReach) chmodSync(space, 0o711);
  const code = isOutOfReach ? join(space, "tree") : tree;
  if (isOutOfReach) copyTree(tree, code);
  const sandbox = await createSandbox({
    runtimeDirectory: join(space, "run"),
    runtimes: { node: join(checkout, "node"), python3: "/usr/bin/python3" },
    onViolation: () => Promise.resolve(),
    ...(owner === undefined ? {} : { runAs: owner }),
  });
  return {
    checkout,
    code,
    sandbox,
    addFolder(folder) {
      const path = join(space, folder);
      mkdirSync(path, { mode: 0o700 });
      if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
      return path;
    },
    async [Symbol.asyncDispose]() {
      await sandbox.close();
      for (const folder of new Set([space, checkout])) removeFolder(folder);
    },
  };
}

// Thousands of small files: the program is several times as fast as this process.
function copyTree(from: string, to: string): void {
  execFileSync("cp", ["-R", "--no-dereference", "--preserve=mode,links", from, to]);
}

function parentOf(name: PlaceName): string {
  switch (name) {
    case "a temporary folder":
      return tmpdir();
    case "a closed home of root":
    case "an ordinary user's home":
      return homedir();
    default:
      return name satisfies never;
  }
}
