import { type SystemLayout } from "./layout.ts";
import { type Mount } from "./mount.ts";

/** A mask of which is known what stands under it. */
export interface ResolvedMask {
  readonly target: string;
  readonly kind: "file" | "directory";
}

/** A mount whose source was opened; it is bound by descriptor where the launcher can. */
interface BoundMount extends Mount {
  readonly descriptor?: number | undefined;
}

/** Everything the list of options is made from. */
export interface BwrapPlan {
  readonly layout: SystemLayout;
  readonly prlimit: string;
  /** Interpreters that the command names, bound read-only. */
  readonly runtimes: readonly { readonly source: string; readonly target: string }[];
  /** Generated files of `/etc`, each read from an inherited descriptor. */
  readonly generated: readonly { readonly target: string; readonly fd: number }[];
  readonly environment: Readonly<Record<string, string>>;
  readonly tmpBytes: number;
  readonly mounts: readonly BoundMount[];
  readonly masks: readonly ResolvedMask[];
  /** The host folder that becomes `/run/plugin`; absent: a folder of memory that the host cannot reach. */
  readonly sockets: string | undefined;
  /** The host folder of the proxy's socket; absent: there is no way out. */
  readonly egress?: string | undefined;
}

/** Where prlimit stands inside. */
export const prlimitInside = "/run/sigil/prlimit";

/** The folder in which a plugin makes its sockets, inside. */
export const socketsInside = "/run/plugin";

/** Where the socket of the proxy stands, inside. */
const egressInside = "/run/sigil/egress";

/**
 * Items 1 to 17 of the documented list: what names host paths and variables. Every value follows its
 * option directly, so none is ever read as an option.
 */
export function bwrapOptions(plan: BwrapPlan): readonly string[] {
  return [
    ...isolation,
    ...variables(plan.environment),
    ...system(plan),
    ...plan.generated.flatMap(generated),
    ...kernelFolders(plan),
    ...plan.mounts.filter(({ origin }) => origin === "code").flatMap(bind),
    ...plan.mounts.filter(({ origin }) => origin !== "code").flatMap(bind),
    ...plan.masks.flatMap(mask),
    ...socketFolder(plan),
    // The folder, since a bound socket would go stale when another takes its place.
    ...(plan.egress === undefined ? [] : ["--ro-bind", plan.egress, egressInside]),
  ];
}

/** Items 18 and 19: what closes the root. They name nothing of the host. */
export const closingOptions: readonly string[] = Object.freeze(
  [
    ["--remount-ro", "/"],
    ["--chdir", "/plugin"],
  ].flat(),
);

/** The list as it travels through a pipe. @throws {TypeError} for a NUL, which would start a further option */
export function joinOptions(options: readonly string[]): string {
  if (options.some((option) => option.includes("\0"))) {
    throw new TypeError("Cannot join the options: one holds a NUL");
  }
  return options.map((option) => `${option}\0`).join("");
}

const isolation: readonly string[] = [
  // Written out, since the "-try" forms start without the namespace where it cannot be had.
  ["--unshare-user", "--unshare-pid", "--unshare-net"],
  ["--unshare-ipc", "--unshare-uts", "--unshare-cgroup"],
  // A new user namespace inside would give back every capability.
  ["--disable-userns"],
  ["--die-with-parent"],
  // TIOCSTI would type into the operator's terminal.
  ["--new-session"],
  ["--cap-drop", "ALL"],
  ["--hostname", "plugin"],
].flat();

function variables(environment: Readonly<Record<string, string>>): readonly string[] {
  const sorted = Object.entries(environment).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return ["--clearenv", ...sorted.flatMap(([name, value]) => ["--setenv", name, value])];
}

function system({ layout, prlimit, runtimes, masks }: BwrapPlan): readonly string[] {
  const { libraries, links, shared, shell, env } = layout;
  const isMasked = (path: string): boolean => masks.some(({ target }) => target === path);
  const shellInside = links["/bin"] === undefined ? "/bin/sh" : "/usr/bin/sh";
  const own = [
    ...runtimes,
    { source: shell, target: shellInside },
    { source: env, target: "/usr/bin/env" },
    { source: prlimit, target: prlimitInside },
    ...shared.filter((path) => !isMasked(path)).map((path) => ({ source: path, target: path })),
  ];
  return [
    ...libraries.map((path) => ["--ro-bind", path, path]),
    ...Object.entries(links).map(([path, text]) => ["--symlink", text, path]),
    ...own.map(({ source, target }) => ["--ro-bind", source, target]),
  ].flat();
}

// Files of the root itself, which is remounted read-only behind all of this: a mount for each takes longer.
function generated({ target, fd }: BwrapPlan["generated"][number]): readonly string[] {
  return ["--perms", "0444", "--file", String(fd), target];
}

function kernelFolders({ layout, tmpBytes }: BwrapPlan): readonly string[] {
  const size = String(tmpBytes);
  return [
    ["--proc", "/proc"],
    ...layout.hiddenProc.map((path) => ["--ro-bind", "/dev/null", path]),
    // core_pattern and its like are writable for uid 0 otherwise: code as root on the host.
    ["--remount-ro", "/proc"],
    ["--dev", "/dev"],
    ["--size", size, "--tmpfs", "/dev/shm"],
    ["--remount-ro", "/dev"],
    ["--size", size, "--tmpfs", "/tmp"],
    ["--size", size, "--tmpfs", "/home/plugin"],
  ].flat();
}

function bind({ mode, source, target, descriptor }: BoundMount): readonly string[] {
  if (descriptor !== undefined) {
    return [mode === "rw" ? "--bind-fd" : "--ro-bind-fd", String(descriptor), target];
  }
  return [mode === "rw" ? "--bind" : "--ro-bind", source, target];
}

// An empty folder that cannot be written; a file that cannot be opened. Neither can be moved away.
function mask({ target, kind }: ResolvedMask): readonly string[] {
  if (kind === "file") return ["--ro-bind", "/dev/null", target];
  return ["--perms", "0555", "--size", "4096", "--tmpfs", target, "--remount-ro", target];
}

function socketFolder({ sockets, tmpBytes }: BwrapPlan): readonly string[] {
  if (sockets === undefined) return ["--size", String(tmpBytes), "--tmpfs", socketsInside];
  return ["--bind", sockets, socketsInside];
}
