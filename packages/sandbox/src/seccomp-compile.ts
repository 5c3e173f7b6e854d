import { createHash } from "node:crypto";
import {
  answerWith,
  type Block,
  encode,
  jumpOver,
  keepBits,
  loadWord,
  runIf,
  runUnless,
} from "./seccomp-instructions.ts";
import {
  type SeccompAnswer,
  type SeccompArch,
  type SeccompCondition,
  type SeccompRule,
  seccompRules,
} from "./seccomp-rules.ts";
import { auditArch, callNumber, checkRules, lastCall } from "./seccomp-table.ts";

/** A filter of system calls, as the kernel and `bwrap --seccomp` read it. */
export interface SeccompProgram {
  /** The architecture it is for; it kills processes of any other. */
  readonly arch: SeccompArch;
  /** Classic BPF: `struct sock_filter`, 8 bytes each, little-endian. A copy of your own. */
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes` in hex. */
  readonly digest: string;
}

/** Settings of `compileSeccomp`. */
export interface CompileSeccompOptions {
  /** The architecture that will run it. */
  readonly arch: SeccompArch;
  /** What calls answer; default: the table that every launch uses. It replaces that table. */
  readonly rules?: readonly SeccompRule[];
}

// From linux/seccomp.h: the fields of struct seccomp_data and what a filter answers.
const offsets = { number: 0, arch: 4, arguments: 16, argumentBytes: 8 };
const answers = { killProcess: 0x8000_0000, errno: 0x0005_0000, allow: 0x7fff_0000 };
const errno = { EPERM: 1, ENOSYS: 38, EAFNOSUPPORT: 97 } as const satisfies Record<
  SeccompAnswer,
  number
>;
const x32Bit = 0x4000_0000;
// What a debugger writes to skip a call; the kernel never runs it.
const skippedCall = 0xffff_ffff;
const allBits = 0xffff_ffff;
const maxInstructions = 4_096;

/**
 * Compiles rules to a filter: what no rule names is run, numbers above the last one known answer ENOSYS, and
 * a process of another architecture or ABI (`int 0x80`, x32) is killed. Pure; same input, same bytes.
 * @throws {RangeError} for a name that the table lacks, for one that a single architecture has in a rule that does not
 * say so, for numbers that do not fit, and for more than 4,096 instructions
 */
export function compileSeccomp({
  arch,
  rules = seccompRules,
}: CompileSeccompOptions): SeccompProgram {
  checkRules(arch, rules);
  const byNumber = new Map<number, SeccompRule[]>();
  for (const rule of rules) {
    if (rule.only !== undefined && rule.only !== arch) continue;
    for (const name of rule.names) {
      const number = callNumber(arch, name);
      byNumber.set(number, [...(byNumber.get(number) ?? []), rule]);
    }
  }
  const program = frame(arch, decisions(ranges(byNumber)));
  if (program.length > maxInstructions) {
    throw new RangeError(
      `Cannot compile the rules: ${program.length} instructions; the kernel takes ${maxInstructions}`,
    );
  }
  const bytes = encode(program);
  const digest = createHash("sha256").update(bytes).digest("hex");
  return Object.freeze({ arch, bytes, digest });
}

/**
 * The checks around the decisions. The kill stands last and the first check jumps to it, so the kernel refuses
 * every program that was cut off.
 */
function frame(arch: SeccompArch, inner: Block): Block {
  const known: Block = [
    ...runIf({ is: "above", value: lastCall }, [answerWith(answers.errno | errno.ENOSYS)]),
    ...inner,
  ];
  const guarded: Block =
    arch === "x86_64"
      ? runUnless(
          { is: "equal", value: skippedCall },
          runIf({ is: "any_bit", value: x32Bit }, [jumpOver(known.length)]),
        ).concat(known)
      : known;
  const body: Block = [loadWord(offsets.number), ...guarded];
  return [
    loadWord(offsets.arch),
    ...runUnless({ is: "equal", value: auditArch(arch) }, [jumpOver(body.length)]),
    ...body,
    answerWith(answers.killProcess),
  ];
}

/** Calls from `first` to the next range behave alike. */
interface CallRange {
  readonly first: number;
  readonly rules: readonly SeccompRule[];
}

function ranges(byNumber: ReadonlyMap<number, readonly SeccompRule[]>): readonly CallRange[] {
  const found: CallRange[] = [];
  for (let number = 0; number <= lastCall; number += 1) {
    const rules = byNumber.get(number) ?? [];
    const previous = found.at(-1);
    const isAlike =
      previous !== undefined &&
      previous.rules.length === rules.length &&
      previous.rules.every((rule, index) => rule === rules[index]);
    if (!isAlike) found.push({ first: number, rules });
  }
  return found;
}

function decisions(found: readonly CallRange[]): Block {
  const [only, ...others] = found;
  if (only === undefined) return [];
  if (others.length === 0) return [...only.rules.flatMap(judgement), answerWith(answers.allow)];
  const middle = Math.ceil(found.length / 2);
  const upper = found.slice(middle);
  const border = upper[0]?.first ?? 0;
  const lower = decisions(found.slice(0, middle));
  return [...runUnless({ is: "at_least", value: border }, lower), ...decisions(upper)];
}

/** Returns if every condition holds, else goes on behind. */
function judgement({ answer, when = [] }: SeccompRule): Block {
  return when.reduceRight<Block>(
    (rest, condition) => [...loadArgument(condition), ...ifHolds(condition, rest)],
    [answerWith(answers.errno | errno[answer])],
  );
}

function loadArgument({ argument, mask = allBits }: SeccompCondition): Block {
  const load = loadWord(offsets.arguments + argument * offsets.argumentBytes);
  return mask === allBits ? [load] : [load, keepBits(mask)];
}

function ifHolds({ is, value }: SeccompCondition, rest: Block): Block {
  const test = { is: "equal", value } as const;
  return is === "equal" ? runIf(test, rest) : runUnless(test, rest);
}
