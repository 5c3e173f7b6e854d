import { createHash } from "node:crypto";
import { chmod, chown, lstat, mkdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Where plugins find what is theirs. Whoever they run as must be able to search every folder above. */
export interface PluginSpace {
  /** Verified trees. */
  readonly store: string;
  /** Sockets and runtimes of the sandbox. */
  readonly run: string;
  /** Why it does not lie in the data folder; absent when it does. */
  readonly elsewhere?: string;
  /** The writable folder of one plugin for one scope, made when it is missing. */
  dataFolder(plugin: string, scope: readonly string[]): Promise<string>;
}

/** Whom plugins run as. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

/** Whom plugins run as: what is configured for a gateway that runs as root, else the gateway's own user. */
export const runAsOf = (configured: RunAs | undefined): RunAs | undefined =>
  process.getuid?.() === 0 ? configured : undefined;

/** A socket's address holds 108 bytes, of which the sandbox wants this many for the folder. */
const MAX_RUN_BYTES = 60;

/** Where plugins live when the other user of a gateway could not reach the data folder. */
const ELSEWHERE = "/var/lib/sigil";

/**
 * Makes the plugins' folders below the data folder. Where the other user of a gateway that runs as root could not reach them, as in a
 * clone below a closed home, they lie below `elsewhere` instead: nothing outside the data folder is opened up for plugins.
 *
 * @throws Error for a folder that is a link or belongs to somebody else, who could exchange what lies in it
 */
export async function openPluginSpace(
  data: string,
  runAs: RunAs | undefined,
  elsewhere = ELSEWHERE,
): Promise<PluginSpace> {
  const { root, run, closed } = await placeOf(data, runAs, elsewhere);
  const [store, plugins] = [join(root, "store"), join(root, "plugins")];
  await makeSearchable(root);
  await Promise.all([store, plugins, run].map((folder) => makeSearchable(folder)));
  return {
    store,
    run,
    ...(closed === undefined
      ? {}
      : { elsewhere: `plugins live in ${root}, since uid ${runAs?.uid} cannot search ${closed}` }),
    async dataFolder(plugin, scope) {
      const parent = join(plugins, plugin);
      const key = createHash("sha256").update(JSON.stringify(scope)).digest("hex").slice(0, 32);
      const folder = join(parent, key);
      await makeSearchable(parent);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (runAs) await chown(folder, runAs.uid, runAs.gid);
      return folder;
    },
  };
}

/** Where the sockets of a gateway on a data folder lie, made or not. */
export async function runFolderOf(data: string, runAs: RunAs | undefined): Promise<string> {
  return (await placeOf(data, runAs, ELSEWHERE)).run;
}

async function placeOf(
  data: string,
  runAs: RunAs | undefined,
  elsewhere: string,
): Promise<{ readonly root: string; readonly run: string; readonly closed: string | undefined }> {
  const name = createHash("sha256").update(data).digest("hex").slice(0, 16);
  const closed = runAs && (await closedFolder(data));
  const root = closed === undefined ? data : join(elsewhere, name);
  return { root, run: fittingRun(root, name, runAs !== undefined), closed };
}

function fittingRun(root: string, name: string, isRoot: boolean): string {
  const run = join(root, "run");
  if (Buffer.byteLength(run) <= MAX_RUN_BYTES) return run;
  if (isRoot) return join("/run", `sigil-${name}`);
  return join(process.env["XDG_RUNTIME_DIR"] ?? tmpdir(), `sigil-${name}`);
}

async function makeSearchable(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  // A name in a folder that everybody may write can be taken before us, and a link would have another folder opened up.
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    const what = found.isDirectory() ? "it belongs to another user" : "it is a link";
    throw new Error(`Cannot use folder "${folder}" for plugins: ${what}; remove it`);
  }
  await chmod(folder, 0o711);
}

/** The outermost folder on the way to `path` that others cannot search. */
async function closedFolder(path: string): Promise<string | undefined> {
  const parents: string[] = [];
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    parents.unshift(folder);
  }
  for (const folder of parents) {
    // oxlint-disable-next-line no-await-in-loop -- from the outside inwards, until one is closed
    const found = await stat(folder).catch(() => undefined);
    if (found && (found.mode & 0o001) === 0) return folder;
  }
  return undefined;
}
