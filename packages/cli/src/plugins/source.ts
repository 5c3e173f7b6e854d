import { lstat, open } from "node:fs/promises";
import { UsageError } from "../usage-error.ts";

/** Where `sigil add` takes a plugin from. */
export type Source =
  | { readonly kind: "npm"; readonly name: string; readonly version: string }
  | { readonly kind: "folder" | "bundle" | "mcpb"; readonly path: string };

const npmSpec = /^npm:((?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*)@(\d+\.\d+\.\d+(?:[-+][\w.+-]+)?)$/u;

/**
 * Reads what a person wrote: `npm:<name>@<exact version>`, a folder, a bundle (`.zip`), or a file of another maker's format (`.mcpb`).
 *
 * @throws {@link UsageError} for anything else
 */
export async function sourceOf(text: string): Promise<Source> {
  if (text.startsWith("npm:")) {
    const [, name, version] = npmSpec.exec(text) ?? [];
    if (name !== undefined && version !== undefined) return { kind: "npm", name, version };
    throw new UsageError(
      `Cannot add "${text}": write npm:<name>@<version> with the exact version, such as npm:some-server@1.2.3`,
    );
  }
  const found = await lstat(text).catch(() => undefined);
  if (found?.isDirectory() === true) return { kind: "folder", path: text };
  if (found?.isFile() === true && text.endsWith(".mcpb")) return { kind: "mcpb", path: text };
  if (found?.isFile() === true && text.endsWith(".zip")) return { kind: "bundle", path: text };
  const state = found ? "it is no folder, no .zip and no .mcpb file" : "there is nothing";
  throw new UsageError(`Cannot add "${text}": ${state}; or write npm:<name>@<version>`);
}

/** The bytes of an archive, of at most 256 MiB. */
export async function readArchive(path: string): Promise<Buffer> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    if (size > MAX_BYTES) {
      throw new Error(`Cannot read "${path}": ${size} bytes, and ${MAX_BYTES} are the most`);
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

const MAX_BYTES = 256 * 1_048_576;
