/** Architectures with a filter, by the kernel's names. */
export type SeccompArch = "x86_64" | "aarch64";

/** The error that a listed call gets instead of being run. */
export type SeccompAnswer = "EPERM" | "ENOSYS" | "EAFNOSUPPORT";

/** A test of one argument of a call. It sees the low 32 bits: high bits that the kernel drops cannot slip past. */
export interface SeccompCondition {
  /** Which argument, from 0. */
  readonly argument: 0 | 1 | 2 | 3 | 4 | 5;
  /** The bits that are looked at, as an unsigned 32-bit number; absent means all 32. */
  readonly mask?: number;
  /** How the bits must relate to `value`; "any of these bits" is a mask that is `unequal` to 0. */
  readonly is: "equal" | "unequal";
  /** An unsigned 32-bit number within `mask`. */
  readonly value: number;
}

/** What some calls answer. The first rule of a call whose conditions hold decides; without one the call is run. */
export interface SeccompRule {
  /** Names of the kernel's table; each must be known. */
  readonly names: readonly string[];
  /** The one architecture that has these calls; absent means that both have each of them. */
  readonly only?: SeccompArch;
  /** The error. */
  readonly answer: SeccompAnswer;
  /** All of these must hold; absent means always. */
  readonly when?: readonly SeccompCondition[];
}

const namespaceFlags = 0x7e02_0080;
const setIdBits = 0o6000;
const createFlags = 0o20_000_100; // O_CREAT and __O_TMPFILE, equal on both architectures.
const socketTypeBits = 0xf;
const families = { unix: 1, inet: 2, inet6: 10 };
const socketTypes = { raw: 3, packet: 10 };
const terminalInput = { TIOCSTI: 0x5412, TIOCLINUX: 0x541c };
const personalityQuery = 0xffff_ffff;

const anyBit = (argument: SeccompCondition["argument"], mask: number): SeccompCondition => ({
  argument,
  mask,
  is: "unequal",
  value: 0,
});

/** What every plugin is held to; a call that is not listed is run. */
export const seccompRules: readonly SeccompRule[] = [
  // Reading and steering other processes, and the kernel's own programs.
  {
    answer: "EPERM",
    names:
      "ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd perf_event_open bpf userfaultfd".split(
        " ",
      ),
  },
  // Keys belong to the user, not to the namespace.
  { answer: "EPERM", names: ["add_key", "keyctl", "request_key"] },
  {
    answer: "EPERM",
    names: ["mount", "umount2", "pivot_root", "chroot", "unshare", "setns"],
  },
  // The machine as a whole: modules, power, swap, quotas, log, clocks, name.
  {
    answer: "EPERM",
    names: [
      ..."init_module finit_module delete_module kexec_load kexec_file_load reboot swapon".split(
        " ",
      ),
      ..."swapoff acct quotactl quotactl_fd syslog vhangup lookup_dcookie nfsservctl".split(" "),
      ..."settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname".split(" "),
    ],
  },
  {
    answer: "EPERM",
    only: "x86_64",
    names: ["iopl", "ioperm", "modify_ldt", "uselib", "ustat", "sysfs", "_sysctl"],
  },
  // Files by handle pass every path check; fanotify sees files of others; devices; placing memory.
  {
    answer: "EPERM",
    names: [
      ..."name_to_handle_at open_by_handle_at fanotify_init mknodat".split(" "),
      ..."move_pages migrate_pages mbind set_mempolicy get_mempolicy set_mempolicy_home_node".split(
        " ",
      ),
    ],
  },
  { answer: "EPERM", only: "x86_64", names: ["mknod"] },
  {
    answer: "EPERM",
    names: ["personality"],
    when: [{ argument: 0, is: "unequal", value: personalityQuery }],
  },

  // Arguments behind a pointer cannot be judged here. Programs fall back to the older call when it is missing.
  {
    answer: "ENOSYS",
    names: [
      ..."clone3 openat2 fchmodat2 memfd_secret".split(" "),
      ..."open_tree open_tree_attr move_mount fsopen fsconfig fsmount fspick".split(" "),
      ..."mount_setattr statmount listmount".split(" "),
      ..."io_uring_setup io_uring_enter io_uring_register".split(" "),
    ],
  },

  { answer: "EPERM", names: ["clone"], when: [anyBit(0, namespaceFlags)] },
  ...Object.values(terminalInput).map((request): SeccompRule => ({
    answer: "EPERM",
    names: ["ioctl"],
    when: [{ argument: 1, is: "equal", value: request }],
  })),
  // A set-user-id file in a granted folder would be one on the host too.
  { answer: "EPERM", only: "x86_64", names: ["chmod", "creat"], when: [anyBit(1, setIdBits)] },
  { answer: "EPERM", names: ["fchmod"], when: [anyBit(1, setIdBits)] },
  { answer: "EPERM", names: ["fchmodat"], when: [anyBit(2, setIdBits)] },
  {
    answer: "EPERM",
    only: "x86_64",
    names: ["open"],
    when: [anyBit(1, createFlags), anyBit(2, setIdBits)],
  },
  {
    answer: "EPERM",
    names: ["openat"],
    when: [anyBit(2, createFlags), anyBit(3, setIdBits)],
  },

  {
    answer: "EAFNOSUPPORT",
    names: ["socket", "socketpair"],
    when: Object.values(families).map((value) => ({ argument: 0, is: "unequal", value })),
  },
  // AF_INET with the type SOCK_PACKET is the packet family by its old name.
  ...Object.values(socketTypes).map((value): SeccompRule => ({
    answer: "EAFNOSUPPORT",
    names: ["socket", "socketpair"],
    when: [{ argument: 1, mask: socketTypeBits, is: "equal", value }],
  })),
];
