import { cpSync, lstatSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const modules = fileURLToPath(new URL("../node_modules", import.meta.url));
const inStore = ".pnpm";

/**
 * Copies published packages, with everything that they depend on, to `folder/node_modules`, as their package manager laid them out:
 * plain files, and links that do not lead out of the tree. What a package uses without naming it is found as well, as it is there.
 */
export function layOutPublished(names: readonly string[], folder: string): void {
  const copied = new Set<string>();
  for (const name of names) {
    const real = realpathSync(join(modules, name));
    copyClosure(real, name, folder, copied);
    link(join(folder, "node_modules"), name, join(inStore, basename(homeOf(real))));
  }
}

/** Each version of a package has a folder of its own in the store, with links to what it depends on beside it. */
function copyClosure(real: string, name: string, folder: string, copied: Set<string>): void {
  const home = homeOf(real);
  if (copied.has(home)) return;
  copied.add(home);
  const store = join(folder, "node_modules", inStore);
  cpSync(home, join(store, basename(home)), { recursive: true, verbatimSymlinks: true });
  link(join(store, "node_modules"), name, join("..", basename(home)));
  for (const other of packagesIn(join(home, "node_modules"))) {
    copyClosure(realpathSync(join(home, "node_modules", other)), other, folder, copied);
  }
}

/** Makes `name` in a folder of modules lead to the package in a folder of the store; the first version of a name stays. */
function link(from: string, name: string, home: string): void {
  const path = join(from, name);
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return;
  mkdirSync(dirname(path), { recursive: true });
  const up = name.includes("/") ? ".." : ".";
  symlinkSync(join(up, home, "node_modules", name), path);
}

function homeOf(real: string): string {
  return real.slice(0, real.lastIndexOf("/node_modules/"));
}

function packagesIn(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    if (name.startsWith(".")) return [];
    if (!name.startsWith("@")) return [name];
    return readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`);
  });
}
