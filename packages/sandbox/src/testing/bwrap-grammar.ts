/** One operation that a list of bwrap options asks for. */
interface Operation {
  readonly option: string;
  readonly values: readonly string[];
}

/** What a list of bwrap options and a command say, read by someone who did not write them. */
export interface ReadOptions {
  readonly operations: readonly Operation[];
  readonly command: readonly string[];
}

// From the manual page of bwrap: how many values follow each option.
const arity: Readonly<Record<string, number>> = {
  "--unshare-user": 0,
  "--unshare-pid": 0,
  "--unshare-net": 0,
  "--unshare-ipc": 0,
  "--unshare-uts": 0,
  "--unshare-cgroup": 0,
  "--disable-userns": 0,
  "--die-with-parent": 0,
  "--new-session": 0,
  "--clearenv": 0,
  "--cap-drop": 1,
  "--hostname": 1,
  "--proc": 1,
  "--dev": 1,
  "--tmpfs": 1,
  "--size": 1,
  "--perms": 1,
  "--remount-ro": 1,
  "--chdir": 1,
  "--setenv": 2,
  "--symlink": 2,
  "--bind": 2,
  "--ro-bind": 2,
  "--bind-fd": 2,
  "--ro-bind-fd": 2,
  "--file": 2,
};

/** Reads options up to "--" or to the end. Throws for whatever bwrap would not know at that place. */
export function readOptions(list: readonly string[]): ReadOptions {
  const operations: Operation[] = [];
  for (let at = 0; at < list.length;) {
    const option = list[at] ?? "";
    if (option === "--") return { operations, command: list.slice(at + 1) };
    const count = arity[option];
    if (count === undefined) throw new Error(`no option: ${JSON.stringify(option)}`);
    const values = list.slice(at + 1, at + 1 + count);
    if (values.length < count) throw new Error(`cut off: ${option}`);
    operations.push({ option, values });
    at += 1 + count;
  }
  return { operations, command: [] };
}
