import { randomUUID } from "node:crypto";
import { chmod, lstat, readdir, rename, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";

/**
 * Removes a folder and what it holds. Never follows a link, and makes no path longer than two levels below
 * `root`, however deep a plugin has nested its folders: each is first moved up to the top.
 */
export async function removeTree(root: string): Promise<void> {
  const empty = async (folder: string): Promise<void> => {
    // A folder that a plugin has closed would otherwise stay.
    await chmod(folder, 0o700);
    const names = await readdir(folder, { encoding: "buffer" });
    const moved = await Promise.all(names.map((name) => unlinkOrMove(folder, name)));
    await Promise.all(moved.map(removeMoved));
  };
  const unlinkOrMove = async (folder: string, name: Buffer): Promise<string | undefined> => {
    // Bytes, since a plugin's names need not be UTF-8.
    const path = Buffer.concat([Buffer.from(`${folder}/`), name]);
    if (!(await lstat(path)).isDirectory()) {
      await unlink(path);
      return undefined;
    }
    await chmod(path, 0o700);
    const top = join(root, randomUUID());
    await rename(path, top);
    return top;
  };
  const removeMoved = async (folder: string | undefined): Promise<void> => {
    if (folder === undefined) return;
    await empty(folder);
    await rmdir(folder);
  };
  // Most are empty. What is not is refused, with nothing removed.
  const isGone = await rmdir(root).then(
    () => true,
    () => false,
  );
  if (isGone) return;
  await empty(root);
  await rmdir(root);
}
