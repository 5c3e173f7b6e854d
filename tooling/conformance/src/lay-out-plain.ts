import { cpSync, existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const modules = fileURLToPath(new URL("../node_modules", import.meta.url));

/**
 * Copies a published package, with everything that it depends on, to `folder/node_modules` as npm would: plain files and no links. A
 * version that differs from the one at the top lies inside of who needs it.
 */
export function layOutPlain(name: string, folder: string): void {
  const top = join(folder, "node_modules");
  const placed = new Map<string, string>();
  place(realpathSync(join(modules, name)), name, top, { top, placed });
}

interface Place {
  readonly top: string;
  /** What lies where, by the path in the copy. */
  readonly placed: Map<string, string>;
}

function place(real: string, name: string, into: string, layout: Place): void {
  const { top, placed } = layout;
  const at = join(into, name);
  placed.set(at, real);
  cpSync(real, at, {
    recursive: true,
    filter: (path) => !path.startsWith(join(real, "node_modules")),
  });
  for (const dependency of dependenciesOf(real)) {
    const found = beside(real, dependency);
    if (found === undefined || visible(at, dependency, layout) === found) continue;
    const home = placed.has(join(top, dependency)) ? join(at, "node_modules") : top;
    place(found, dependency, home, layout);
  }
}

function dependenciesOf(real: string): readonly string[] {
  const { dependencies = {} }: { readonly dependencies?: Readonly<Record<string, string>> } =
    JSON.parse(readFileSync(join(real, "package.json"), "utf8"));
  return [...Object.keys(dependencies), ...peersOf(real)];
}

/** Peers lie beside a package in its manager's store; which of them it uses is not told. */
function peersOf(real: string): readonly string[] {
  const {
    peerDependencies = {},
  }: { readonly peerDependencies?: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(real, "package.json"), "utf8"),
  );
  return Object.keys(peerDependencies);
}

/** Where the package manager's store keeps the dependency of a package. */
function beside(real: string, dependency: string): string | undefined {
  const home = real.slice(0, real.lastIndexOf("/node_modules/") + "/node_modules".length);
  const path = join(home, dependency);
  return existsSync(path) ? realpathSync(path) : undefined;
}

/** What a package of the copy finds by a name, as Node looks for it. */
function visible(at: string, name: string, { top, placed }: Place): string | undefined {
  for (let folder = at; folder.startsWith(top); folder = dirname(folder)) {
    const found = placed.get(join(folder, "node_modules", name));
    if (found !== undefined) return found;
  }
  return placed.get(join(top, name));
}
