import { chmodSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Removes a folder of a test, also when folders inside are read-only, as they are in a content store. */
export function removeFolder(path: string): void {
  openFolders(path);
  rmSync(path, { recursive: true, force: true });
}

function openFolders(path: string): void {
  chmodSync(path, 0o700);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) openFolders(join(path, entry.name));
  }
}
