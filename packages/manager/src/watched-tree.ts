import { type FSWatcher, watch } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** The watchers of a folder and of what is below it. */
export interface WatchedTree {
  close(): void;
}

/** How a folder is watched. */
export interface WatchTreeOptions {
  /** `tree` with everything below, `folder` without. */
  readonly reach: "tree" | "folder";
  /** Takes a place for one more watcher; `false` when there is none. */
  readonly take: () => boolean;
  /** Gives one back. */
  readonly give: () => void;
  /** Something may have changed. */
  readonly onChange: () => void;
  /** Not everything is watched: the bound was met, or the system refused. */
  readonly onLimit: () => void;
}

const MOST_DEPTH = 32;

/**
 * Watches folders, not files: one watcher hears of everything directly in its folder. Links are not followed. What appears later is
 * watched when the folder is watched anew.
 */
export async function watchTree(dir: string, options: WatchTreeOptions): Promise<WatchedTree> {
  const { take, give, onChange, onLimit, reach } = options;
  const watchers = new Set<FSWatcher>();
  let isClosed = false;
  const drop = (watcher: FSWatcher): void => {
    if (watchers.delete(watcher)) give();
    watcher.close();
  };
  const add = (path: string): boolean => {
    if (isClosed || !take()) return false;
    try {
      const watcher = watch(path, { persistent: false }, onChange);
      watchers.add(watcher);
      watcher.on("error", () => {
        drop(watcher);
        onChange();
      });
      return true;
    } catch {
      give();
      return false;
    }
  };
  const descend = async (path: string, depth: number): Promise<void> => {
    const isWatched = add(path);
    if (!isWatched && !isClosed) onLimit();
    if (!isWatched || depth >= MOST_DEPTH || reach === "folder") return;
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      // oxlint-disable-next-line no-await-in-loop -- gently: nobody waits for it
      if (entry.isDirectory()) await descend(join(path, entry.name), depth + 1);
    }
  };
  await descend(dir, 0);
  return {
    close: () => {
      isClosed = true;
      for (const watcher of watchers) drop(watcher);
    },
  };
}
