import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  MAX_BOX_BYTES,
  MAX_SECRET_BYTES,
  openBox,
  sealedAt,
  sealSecret,
  type SecretName,
} from "./secret-box.ts";
import { SecretError } from "./secret-error.ts";
import { openSecretKey, readSecretKey } from "./secret-key.ts";

/** The sealed secrets of a gateway, each in a file of its own. No operation hands a value to a person. */
export interface SecretStore {
  /** Seals a value in place of the one before. @throws {@link SecretError} for a value that cannot be one */
  set(owner: SecretName, value: string): Promise<void>;
  /** Answers whether there was one. */
  remove(owner: SecretName): Promise<boolean>;
  /** Which names of a plugin have a value, and since when. */
  list(plugin: string): Promise<readonly { readonly name: string; readonly set: string }[]>;
  /** Opens the boxes of these names; those without are left out. @throws {@link SecretError} */
  resolve(plugin: string, names: readonly string[]): Promise<Readonly<Record<string, string>>>;
}

/** Where secrets lie. */
export interface SecretPlace {
  /** The folder of the boxes. */
  readonly boxes: string;
  /** The key they are sealed with. */
  readonly key: string;
}

const pluginForm = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/u;
const nameForm = /^[a-z][a-z0-9_]{0,63}$/u;

/** The store in a folder; nothing is made before the first secret is set. */
export function secretStore({ boxes, key }: SecretPlace): SecretStore {
  const boxOf = ({ plugin, name }: SecretName): string => {
    if (pluginForm.test(plugin) && nameForm.test(name)) return join(boxes, plugin, `${name}.json`);
    throw new SecretError("Cannot use this name of a secret: it is none that a plugin can declare");
  };
  const names = async (plugin: string): Promise<readonly string[]> => {
    boxOf({ plugin, name: "any" });
    const found = await readdir(join(boxes, plugin)).catch(absent);
    return (found ?? []).flatMap((file) => {
      const name = file.endsWith(".json") ? file.slice(0, -".json".length) : "";
      return nameForm.test(name) ? [name] : [];
    });
  };
  return {
    async set(owner, value) {
      const path = boxOf(owner);
      refuseUnusable(owner, value);
      const sealed = sealSecret(await openSecretKey(key), owner, value, new Date().toISOString());
      const folder = join(boxes, owner.plugin);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeWhole(path, sealed);
    },
    async remove(owner) {
      const path = boxOf(owner);
      const found = await lstat(path).catch(absent);
      await rm(path, { force: true });
      return found !== undefined;
    },
    async list(plugin) {
      const found = (await names(plugin)).toSorted();
      const read = found.map(async (name) => {
        const text = (await readBoxFile(boxOf({ plugin, name }))) ?? "";
        return { name, set: sealedAt({ plugin, name }, text) };
      });
      return Promise.all(read);
    },
    async resolve(plugin, asked) {
      const owners = asked.map((name) => ({ plugin, name }));
      const read = owners.map(async (owner) => [owner, await readBoxFile(boxOf(owner))] as const);
      const found = (await Promise.all(read)).flatMap(([owner, text]) =>
        text === undefined ? [] : [{ owner, text }],
      );
      if (found.length === 0) return {};
      const opened = await readSecretKey(key);
      return Object.fromEntries(
        found.map(({ owner, text }) => [owner.name, openBox(opened, owner, text)]),
      );
    },
  };
}

function refuseUnusable({ plugin, name }: SecretName, value: string): void {
  const refuse = (state: string): SecretError =>
    new SecretError(`Cannot set secret "${name}" of "${plugin}": ${state}`);
  if (value === "") throw refuse("its value is empty; sigil secret remove takes one away");
  // No variable can hold it, and a value cut there is another one.
  if (value.includes("\0")) throw refuse("its value holds a NUL byte");
  if (Buffer.byteLength(value) > MAX_SECRET_BYTES) {
    throw refuse(`its value is over ${MAX_SECRET_BYTES} bytes`);
  }
}

async function readBoxFile(path: string): Promise<string | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(absent);
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    // A box over the limit is none of ours; opening it fails as damaged.
    return size > MAX_BOX_BYTES ? "" : await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

function absent(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
