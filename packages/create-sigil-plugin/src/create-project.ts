import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ScaffoldError } from "./scaffold-error.ts";

const home = new URL("../", import.meta.url);

/** What a project needs to run, and what it is built and tested with. */
const NEEDED = ["@sigilrt/plugin-sdk"];
const NEEDED_TO_BUILD = ["@sigilrt/cli", "@types/node", "esbuild", "typescript", "vitest"];

/**
 * Makes the project of plugin `name` in `folder`, which must be empty or not there. Its dependencies have the versions that this package
 * was tested with. Nothing is installed. Answers the files that were written.
 *
 * @throws {@link ScaffoldError} `NAME_REFUSED` for what is no name of a plugin, `FOLDER_NOT_EMPTY`; nothing is written then
 */
export async function createProject(name: string, folder: string): Promise<readonly string[]> {
  if (!NAME.test(name) || name.length > MAX_NAME_CHARACTERS) {
    throw new ScaffoldError(
      "NAME_REFUSED",
      `Cannot make plugin ${JSON.stringify(name.slice(0, 100))}: a name has 1 to ${MAX_NAME_CHARACTERS} lower-case letters, digits and single hyphens, and begins with a letter`,
    );
  }
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new ScaffoldError(
      "FOLDER_NOT_EMPTY",
      `Cannot make plugin "${name}": its folder is not empty; name another, or empty it`,
    );
  }
  const template = new URL("template/", home);
  const entries = await readdir(template, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(template.pathname.length));
  const versions = await testedVersions();
  for (const path of paths) {
    // oxlint-disable-next-line no-await-in-loop -- a dozen files
    const text = await readFile(new URL(path, template), "utf8");
    const target = join(folder, targetOf(path));
    // oxlint-disable-next-line no-await-in-loop -- as above
    await mkdir(dirname(target), { recursive: true });
    // oxlint-disable-next-line no-await-in-loop -- as above
    await writeFile(target, filled(text, name, versions), { flag: "wx" });
  }
  return paths.map(targetOf).toSorted();
}

/** As a manifest has them. */
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/u;
const MAX_NAME_CHARACTERS = 64;

/** Package managers leave files of these names out of a package, or read them as their own. */
const targetOf = (path: string): string =>
  path.replace(/^_gitignore$/u, ".gitignore").replace(/^_/u, "");

const filled = (text: string, name: string, versions: Versions): string =>
  text
    .replaceAll("plugin-name", name)
    .replace('"NEEDED"', versions.needed)
    .replace('"NEEDED_TO_BUILD"', versions.neededToBuild);

interface Versions {
  readonly needed: string;
  readonly neededToBuild: string;
}

/** A published package keeps the versions of what it was developed with. */
async function testedVersions(): Promise<Versions> {
  const own: { readonly devDependencies: Readonly<Record<string, string>> } = JSON.parse(
    await readFile(new URL("package.json", home), "utf8"),
  );
  const some = (names: readonly string[]): string =>
    JSON.stringify(
      Object.fromEntries(names.map((wanted) => [wanted, own.devDependencies[wanted]])),
      undefined,
      2,
    ).replaceAll("\n", "\n  ");
  return { needed: some(NEEDED), neededToBuild: some(NEEDED_TO_BUILD) };
}
