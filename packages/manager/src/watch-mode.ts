import { lstat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { Tell } from "./events.ts";
import { ManagerError } from "./manager-error.ts";
import type { Settings } from "./options.ts";
import { listFolders } from "./read-folder.ts";
import { type WatchedTree, watchTree } from "./watched-tree.ts";

/** What watching does about a folder that may have changed. */
export interface WatchActs {
  /** Whether a plugin of this name is admitted. */
  readonly isAdmitted: (name: string) => boolean;
  /** Replaces one plugin by what lies in its folder now. */
  readonly reload: (name: string) => Promise<unknown>;
  /** Looks at all folders. */
  readonly discover: () => Promise<unknown>;
  readonly tell: Tell;
}

/** Watchers of one manager: each takes a handle of the system. */
const MOST_WATCHERS = 4_096;
/** A folder that never comes to rest is looked at after this many times the delay all the same. */
const MOST_DELAYS = 10;

/**
 * Follows plugin folders. A file event only marks a folder: what lies in it decides, on the way of every other reload. One round at a
 * time, and what changes meanwhile is looked at in the next one.
 */
export class WatchMode {
  readonly #settings: Settings;
  readonly #acts: WatchActs;
  readonly #over: AbortSignal;
  readonly #trees = new Map<string, WatchedTree>();
  /** Folders that may have changed; the plugin folders themselves among them. */
  readonly #dirty = new Set<string>();
  #places = MOST_WATCHERS;
  #lastChangeAt = 0;
  #isLimited = false;
  #isWorking = false;

  constructor(settings: Settings, acts: WatchActs, over: AbortSignal) {
    this.#settings = settings;
    this.#acts = acts;
    this.#over = over;
    over.addEventListener("abort", () => this.#close(), { once: true });
  }

  /** Begins, or watches what came since. Changes from before are not looked for. */
  async follow(): Promise<void> {
    const { directories, folders } = this.#settings;
    const parents = folders ? [] : directories.map((path) => resolve(path));
    const listed = await Promise.all(parents.map((path) => listFolders(path).catch(() => [])));
    const plugins = folders ? folders.map((path) => resolve(path)) : listed.flat();
    const wanted = new Set([...parents, ...plugins]);
    for (const [dir, tree] of this.#trees) {
      if (wanted.has(dir)) continue;
      tree.close();
      this.#trees.delete(dir);
    }
    for (const dir of wanted) {
      // oxlint-disable-next-line no-await-in-loop -- gently
      if (!this.#trees.has(dir)) await this.#watch(dir, parents.includes(dir) ? "folder" : "tree");
    }
  }

  async #watch(dir: string, reach: "folder" | "tree"): Promise<void> {
    // A link in place of a plugin folder leads anywhere; it is refused as a plugin too.
    if (reach === "tree" && !(await isFolder(dir))) return;
    const tree = await watchTree(dir, {
      reach,
      take: () => {
        if (this.#places === 0) return false;
        this.#places -= 1;
        return true;
      },
      give: () => {
        this.#places += 1;
      },
      onChange: () => this.#mark(dir),
      onLimit: () => this.#limit(),
    });
    if (this.#over.aborted) tree.close();
    else this.#trees.set(dir, tree);
  }

  #mark(dir: string): void {
    if (this.#over.aborted) return;
    this.#dirty.add(dir);
    this.#lastChangeAt = this.#settings.clock.now();
    if (!this.#isWorking) void this.#rounds();
  }

  async #rounds(): Promise<void> {
    this.#isWorking = true;
    while (this.#dirty.size > 0) {
      // oxlint-disable-next-line no-await-in-loop -- one round after the other
      await this.#rest().catch(() => undefined);
      if (this.#over.aborted) return;
      const dirty = [...this.#dirty];
      this.#dirty.clear();
      for (const dir of dirty) {
        this.#trees.get(dir)?.close();
        this.#trees.delete(dir);
      }
      // Before the look, so that no change falls between the two.
      // oxlint-disable-next-line no-await-in-loop -- as above
      await this.follow().catch(() => this.#limit());
      // oxlint-disable-next-line no-await-in-loop -- as above
      await this.#look(dirty);
    }
    this.#isWorking = false;
  }

  /** Waits until nothing has changed for a while. */
  async #rest(): Promise<void> {
    const { clock, watch } = this.#settings;
    const delayMs = watch?.debounceMs ?? 0;
    const latest = clock.now() + delayMs * MOST_DELAYS;
    const restsAt = (): number => Math.min(this.#lastChangeAt + delayMs, latest);
    for (let left = delayMs; left > 0; left = restsAt() - clock.now()) {
      // oxlint-disable-next-line no-await-in-loop -- as long as it goes on
      await clock.sleep(left, this.#over);
    }
  }

  async #look(dirty: readonly string[]): Promise<void> {
    let isNew = false;
    for (const dir of dirty) {
      const name = basename(dir);
      // oxlint-disable-next-line no-await-in-loop -- one plugin after the other
      const isThere = await lstat(join(dir, "plugin.yaml")).then(Boolean, () => false);
      if (isThere && this.#acts.isAdmitted(name)) {
        // oxlint-disable-next-line no-await-in-loop -- as above
        await this.#attempt(() => this.#acts.reload(name), name);
      } else isNew = true;
    }
    if (isNew) await this.#attempt(() => this.#acts.discover());
  }

  async #attempt(act: () => Promise<unknown>, plugin?: string): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (this.#over.aborted) return;
      const reason = error instanceof ManagerError ? error.code : "failed";
      this.#acts.tell("reload.refused", { ...(plugin === undefined ? {} : { plugin }), reason });
    }
  }

  #limit(): void {
    if (!this.#isLimited) this.#acts.tell("watch.limited");
    this.#isLimited = true;
  }

  #close(): void {
    for (const tree of this.#trees.values()) tree.close();
    this.#trees.clear();
  }
}

const isFolder = (path: string): Promise<boolean> =>
  lstat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  );
