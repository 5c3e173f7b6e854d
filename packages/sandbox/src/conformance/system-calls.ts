import { readFileSync } from "node:fs";
import { type SeccompArch } from "../seccomp-rules.ts";
import { type AttackTarget } from "./attack.ts";
import vectors from "../../vectors/seccomp-syscalls.json" with { type: "json" };

/** A call that attack-calls.py makes, and what our filter answers. */
export interface AttackCall {
  /** Row of the documented attacks; 0 for what must go on working. */
  readonly row: number;
  readonly name: string;
  readonly answer: string;
  /** The one architecture that has the call. */
  readonly only?: SeccompArch;
}

const x86 = { only: "x86_64" } as const;

const listed = (
  row: number,
  answer: string,
  names: readonly string[],
  rest: Pick<AttackCall, "only"> = {},
): readonly AttackCall[] => names.map((name) => Object.assign({ row, name, answer }, rest));

/** Answers that no other layer gives, whatever the settings of the host: without the filter they differ. */
export const filterAlone: readonly AttackCall[] = [
  ...listed(19, "EPERM", [
    "fchmod set-user-id",
    "fchmod set-group-id, high bits",
    "fchmodat set-user-id",
    "openat set-user-id",
    "openat set-user-id, high bits",
    "openat unnamed set-user-id",
  ]),
  ...listed(19, "EPERM", ["chmod set-user-id", "creat set-user-id", "open set-user-id"], x86),
  ...listed(19, "ENOSYS", ["openat2 set-user-id"]),
  ...listed(19, "plain", ["set-user-id file"]),
  ...listed(35, "EPERM", [
    "unshare user",
    "unshare user, high bits",
    "clone user",
    "clone user and net",
    "clone user, high bits",
  ]),
  ...listed(36, "ENOSYS", ["clone3 user"]),
  ...listed(37, "EPERM", ["setns own", "setns to process 1"]),
  ...listed(38, "EPERM", ["mount", "umount2"]),
  ...listed(39, "ENOSYS", ["open_tree", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick"]),
  ...listed(39, "ENOSYS", ["mount_setattr"]),
  ...listed(40, "EPERM", ["chroot"]),
  ...listed(41, "EPERM", ["keyctl", "add_key", "request_key"]),
  ...listed(42, "EPERM", ["userfaultfd"]),
  ...listed(44, "EPERM", ["ptrace", "process_vm_readv", "process_vm_writev", "process_madvise"]),
  ...listed(44, "EPERM", ["kcmp"]),
  ...listed(45, "EPERM", ["pidfd_getfd"]),
  ...listed(47, "EPERM", ["name_to_handle_at"]),
  ...listed(48, "killed", ["x32", "int 0x80"], x86),
  ...listed(50, "EAFNOSUPPORT", [
    "raw socket",
    "raw socket, flags",
    "unix socket of the type raw",
    "packet socket by its old name",
    "netlink socket",
    "netlink socket of the type dgram",
    "netlink socketpair",
  ]),
  ...listed(51, "EAFNOSUPPORT", [
    "netlink socket, high bits",
    "unix socket of the type raw, high bits",
  ]),
  ...listed(52, "EPERM", ["TIOCSTI", "TIOCSTI, high bits", "TIOCLINUX", "TIOCLINUX, high bits"]),
  ...listed(53, "EPERM", ["mknod pipe"]),
  ...listed(53, "EPERM", ["mknod pipe by the old call"], x86),
  ...listed(54, "EPERM", ["personality", "get_mempolicy", "set_mempolicy", "mbind"]),
  ...listed(54, "EPERM", ["lookup_dcookie"]),
  ...listed(54, "EPERM", ["modify_ldt", "sysfs", "ustat"], x86),
  ...listed(62, "EPERM", ["settimeofday", "clock_settime", "clock_adjtime", "adjtimex"]),
];

/** Answers that another layer, or some kernel, gives as well; and what must go on working. */
export const otherCalls: readonly AttackCall[] = [
  ...listed(19, "ENOSYS", ["fchmodat2 set-user-id"]),
  ...listed(20, "EPERM", ["setxattr capability"]),
  ...listed(38, "EPERM", ["mount /usr writable", "umount2 /proc"]),
  ...listed(39, "ENOSYS", ["open_tree_attr"]),
  ...listed(40, "EPERM", ["chroot /", "pivot_root"]),
  ...listed(42, "EPERM", ["bpf", "perf_event_open"]),
  ...listed(43, "ENOSYS", ["io_uring_setup", "io_uring_enter", "io_uring_register"]),
  ...listed(44, "EPERM", ["ptrace process 1"]),
  ...listed(45, "EPERM", ["pidfd_getfd of process 1"]),
  ...listed(47, "EPERM", ["open_by_handle_at"]),
  ...listed(49, "ENOSYS", ["above the ceiling", "far above the ceiling", "no number"]),
  ...listed(50, "EAFNOSUPPORT", ["packet socket", "vsock socket", "alg socket", "xdp socket"]),
  ...listed(53, "EPERM", ["mknod device"]),
  ...listed(54, "EPERM", ["syslog"]),
  ...listed(61, "EPERM", ["sethostname", "setdomainname"]),
  ...listed(0, "done", [
    "personality query",
    "fchmod plain",
    "openat plain",
    "openat without making",
    "unix socket",
    "unix socket, high bits",
    "inet socket",
    "inet6 socket",
    "threads and children",
  ]),
  ...listed(0, "ENOTTY", ["TIOCGWINSZ"]),
];

const arch: SeccompArch = process.arch === "arm64" ? "aarch64" : "x86_64";
const refusals = new Set(["EPERM", "EACCES", "ENOSYS", "EAFNOSUPPORT", "killed"]);

/** The calls of this architecture. */
export const callsHere: readonly AttackCall[] = [...filterAlone, ...otherCalls].filter(
  ({ only = arch }) => only === arch,
);

/** The program that makes them all, and what it is told: numbers, the namespace that it must not start in, a folder. */
export function systemCallProgram({ mountNamespace, data }: AttackTarget): {
  readonly text: string;
  readonly args: readonly string[];
} {
  const numbers = { ...vectors.headers[arch], ...vectors.later };
  return {
    text: readFileSync(new URL("../../vectors/attack-calls.py", import.meta.url), "utf8"),
    args: [JSON.stringify(numbers), mountNamespace, data],
  };
}

/** Reads what the program printed. @throws {Error} when it did not come to its end */
export function readAnswers(printed: string): ReadonlyMap<string, string> {
  if (printed === "") throw new Error("The attack did not come to its end");
  const answers: unknown = JSON.parse(printed);
  return new Map(Object.entries(answers ?? {}).map(([name, said]) => [name, String(said)]));
}

/**
 * Whether an answer holds a call back. How a sandbox refuses is its own choice; that what is not listed goes on working
 * is not.
 */
export function isHeld({ row, answer }: AttackCall, said: string | undefined): boolean {
  if (said === answer) return true;
  return row !== 0 && said !== undefined && refusals.has(said);
}
