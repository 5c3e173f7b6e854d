import { quoted } from "./quoted.ts";
import { type SeccompArch, type SeccompCondition, type SeccompRule } from "./seccomp-rules.ts";
import published from "../vectors/seccomp-syscalls.json" with { type: "json" };

const later = Object.entries<number>(published.later);
const numbers: Readonly<Record<SeccompArch, ReadonlyMap<string, number>>> = {
  x86_64: new Map([...Object.entries<number>(published.headers.x86_64), ...later]),
  aarch64: new Map([...Object.entries<number>(published.headers.aarch64), ...later]),
};
const architectures: readonly SeccompArch[] = ["x86_64", "aarch64"];
const answers: readonly string[] = ["EPERM", "ENOSYS", "EAFNOSUPPORT"];
// Each takes two instructions at least.
const maxConditions = 2_048;
const maxWord = 0xffff_ffff;

/** The last number that the table knows, on both architectures. */
export const lastCall: number = published.ceiling;

/** The kernel's own number of an architecture. */
export function auditArch(arch: SeccompArch): number {
  return published.auditArch[arch];
}

/** The number of a call. @throws {RangeError} for a name that this architecture lacks */
export function callNumber(arch: SeccompArch, name: string): number {
  const number = numbers[arch].get(name);
  if (number === undefined) refuse(`${arch} has no system call ${quoted(name)}`);
  return number;
}

/** Looks at the rules of both architectures, so that a fault shows wherever it is compiled. @throws {RangeError} */
export function checkRules(arch: SeccompArch, rules: readonly SeccompRule[]): void {
  checkArch(arch);
  for (const { names, only, answer, when = [] } of rules) {
    if (!answers.includes(answer)) refuse(`the answer is none of ${answers.join(", ")}`);
    if (only !== undefined) checkArch(only);
    for (const name of names) checkName(name, only);
    if (when.length > maxConditions) refuse(`${when.length} conditions in one rule`);
    for (const condition of when) checkCondition(condition);
  }
}

function checkArch(arch: string): void {
  if (architectures.some((known) => known === arch)) return;
  refuse(`the architecture ${quoted(arch)} is none of ${architectures.join(", ")}`);
}

// A call that one architecture lacks is said so: nothing is skipped in silence.
function checkName(name: string, only: SeccompArch | undefined): void {
  const having = architectures.filter((arch) => numbers[arch].has(name));
  if (having.length === 0) refuse(`no architecture has a system call ${quoted(name)}`);
  const said = only === undefined ? architectures : [only];
  if (having.join() === said.join()) return;
  refuse(`${having.join(" and ")} alone has ${quoted(name)}; the rule says ${said.join(" and ")}`);
}

function checkCondition({ argument, mask = maxWord, is, value }: SeccompCondition): void {
  if (!isWithin(argument, 5)) refuse("arguments are numbered from 0 to 5");
  if (!["equal", "unequal"].includes(is)) refuse("a condition is equal or unequal");
  if (!isWithin(mask, maxWord) || !isWithin(value, maxWord)) {
    refuse("masks and values are whole numbers of 32 bits");
  }
  // It would never hold, or always.
  if ((value & ~mask) !== 0) refuse("a value has bits that its mask leaves out");
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

function refuse(fault: string): never {
  throw new RangeError(`Cannot compile the rules: ${fault}`);
}
