import { open, readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import {
  type BundleFile,
  describeRejection,
  findByproduct,
  inspectBundle,
  packBundle,
} from "@sigilrt/bundle";
import { digestTree } from "@sigilrt/integrity";
import { EXIT } from "../exit-code.ts";
import { rejectionText } from "../plugins/rejection-text.ts";
import { escaped, type Terminal } from "../terminal.ts";

/** How a folder is packed. */
export interface PackVerbOptions {
  readonly out: string;
  readonly compression: "store" | "deflate";
  readonly allow: readonly string[];
  readonly json: boolean;
}

/** Packs a plugin folder into one file. Nothing in it is left out: what a build or a test left behind is refused, unless it is allowed. */
export async function packVerb(
  folder: string,
  { out: path, compression, allow, json }: PackVerbOptions,
  { out, err }: Terminal,
): Promise<number> {
  const tree = await digestTree(folder);
  if (!tree.ok) {
    err(
      `Cannot pack "${escaped(folder)}": ${rejectionText({ ...tree.rejection, plugin: folder })}`,
    );
    return EXIT.rejected;
  }
  const files = await readFiles(folder);
  const byproduct = findByproduct(
    files.map((file) => file.path),
    allow,
  );
  if (byproduct) {
    err(describeRejection(byproduct));
    return EXIT.bundleRefused;
  }
  const bytes = packBundle(files, { compression });
  const packed = inspectBundle(bytes);
  // The tree was hashed first and read again: somebody may have written to it in between.
  if (!packed.ok || String(packed.digest) !== String(tree.digest)) {
    throw new Error(`Cannot pack "${folder}": it changed while it was packed; try again`);
  }
  await writeNew(path, bytes);
  const { digest } = packed;
  if (json) out(JSON.stringify({ path, digest, files: files.length, bytes: bytes.length }));
  else out(escaped(`packed ${path}: ${files.length} files, ${bytes.length} bytes, ${digest}`));
  return EXIT.ok;
}

async function readFiles(folder: string): Promise<readonly BundleFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: BundleFile[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).replaceAll(sep, "/");
    // The list is written anew; one that lies there was held against the tree when it was hashed.
    if (name === "manifest.txt") continue;
    // oxlint-disable-next-line no-await-in-loop -- one file after the other, for thousands of them
    files.push({ path: name, content: await readFile(path) });
  }
  return files;
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, "wx").catch((cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown failure";
    throw new Error(`Cannot write "${path}": ${code}; name a file that does not exist`, { cause });
  });
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
