import { type SeccompArch } from "../seccomp-rules.ts";

/** What a filter makes of a call. */
export type Verdict = "run" | "EPERM" | "ENOSYS" | "EAFNOSUPPORT" | "killed";

/** The value of a filter as a verdict, by the numbers of linux/seccomp.h and asm-generic/errno.h. */
export const verdicts: ReadonlyMap<number, Verdict> = new Map([
  [0x7fff0000, "run"],
  [0x00050001, "EPERM"],
  [0x00050026, "ENOSYS"],
  [0x00050061, "EAFNOSUPPORT"],
  [0x80000000, "killed"],
]);

/** The kernel's numbers of the architectures, from linux/audit.h. */
export const audit = { x86_64: 0xc000003e, aarch64: 0xc00000b7 } as const;

interface Expectations {
  readonly EPERM: readonly number[];
  readonly ENOSYS: readonly number[];
  readonly clone: number;
  readonly ioctl: number;
  readonly socket: number;
  readonly socketpair: number;
  readonly personality: number;
  /** Calls that set a mode, with the argument that holds it. */
  readonly modes: readonly (readonly [number: number, mode: number])[];
  /** Calls that make a file only with a flag, with the arguments of flags and mode. */
  readonly opens: readonly (readonly [number: number, flags: number, mode: number])[];
}

/** Read off the kernel's headers for each architecture by hand, apart from the table that the compiler uses. */
export const expectations: Readonly<Record<SeccompArch, Expectations>> = {
  x86_64: {
    EPERM: [
      101, 103, 133, 134, 136, 139, 153, 154, 155, 156, 159, 161, 163, 164, 165, 166, 167, 168, 169,
      170, 171, 172, 173, 175, 176, 179, 180, 212, 227, 237, 238, 239, 246, 248, 249, 250, 256, 259,
      272, 279, 298, 300, 303, 304, 305, 308, 310, 311, 312, 313, 320, 321, 323, 438, 440, 443, 450,
    ],
    ENOSYS: [425, 426, 427, 428, 429, 430, 431, 432, 433, 435, 437, 442, 447, 452, 457, 458, 467],
    clone: 56,
    ioctl: 16,
    socket: 41,
    socketpair: 53,
    personality: 135,
    modes: [
      [90, 1],
      [91, 1],
      [85, 1],
      [268, 2],
    ],
    opens: [
      [2, 1, 2],
      [257, 2, 3],
    ],
  },
  aarch64: {
    EPERM: [
      18, 33, 39, 40, 41, 42, 51, 58, 60, 89, 97, 104, 105, 106, 112, 116, 117, 142, 161, 162, 170,
      171, 217, 218, 219, 224, 225, 235, 236, 237, 238, 239, 241, 262, 264, 265, 266, 268, 270, 271,
      272, 273, 280, 282, 294, 438, 440, 443, 450,
    ],
    ENOSYS: [425, 426, 427, 428, 429, 430, 431, 432, 433, 435, 437, 442, 447, 452, 457, 458, 467],
    clone: 220,
    ioctl: 29,
    socket: 198,
    socketpair: 199,
    personality: 92,
    modes: [
      [52, 1],
      [53, 2],
    ],
    opens: [[56, 2, 3]],
  },
};

/** The last number that is known; the same on both. */
export const ceiling = 469;

/** What the documented table says about a call. */
export function expected(arch: SeccompArch, number: number, values: readonly bigint[]): Verdict {
  const table = expectations[arch];
  const low = (index: number): number => Number((values[index] ?? 0n) & 0xffffffffn);
  const hasSetId = (index: number): boolean => (low(index) & 0o6000) !== 0;
  if (number > ceiling || table.ENOSYS.includes(number)) return "ENOSYS";
  if (table.EPERM.includes(number)) return "EPERM";
  if (number === table.personality) return low(0) === 0xffffffff ? "run" : "EPERM";
  // CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
  const spaces = [7, 17, 25, 26, 27, 28, 29, 30];
  if (number === table.clone) {
    return spaces.some((bit) => ((low(0) >>> bit) & 1) === 1) ? "EPERM" : "run";
  }
  if (number === table.ioctl) return [0x5412, 0x541c].includes(low(1)) ? "EPERM" : "run";
  if (number === table.socket || number === table.socketpair) {
    const isPlain = [1, 2, 10].includes(low(0)) && ![3, 10].includes(low(1) % 16);
    return isPlain ? "run" : "EAFNOSUPPORT";
  }
  const setsMode = table.modes.some(([call, mode]) => call === number && hasSetId(mode));
  const makes = (flags: number): boolean => (low(flags) & (0o100 | 0o20000000)) !== 0;
  const opens = table.opens.some(
    ([call, flags, mode]) => call === number && makes(flags) && hasSetId(mode),
  );
  return setsMode || opens ? "EPERM" : "run";
}
