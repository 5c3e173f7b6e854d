import { type SandboxLimits } from "../limits.ts";

/** What attacks try to reach; `openAttackTarget` makes one. */
export interface AttackTarget {
  /** The text that no plugin may ever read. The variable `SANDBOX_CANARY` of this process holds it as well. */
  readonly canary: string;
  /** A folder of the host with the canaries in it, and with `code` and `data`. */
  readonly folder: string;
  /** The folder of the programs as a plugin sees it. */
  readonly code: string;
  /** The folder that a plugin may write, as it sees it. */
  readonly data: string;
  /** A listening socket that answers with the canary. */
  readonly socket: string;
  /** The same at an abstract name, without the NUL before it. */
  readonly abstract: string;
  /** The same at a port of the loopback. */
  readonly port: number;
  /** A process of the plugins' user, which must stay unseen and alive. */
  readonly bystander: number;
  /** Users of this machine, by name. */
  readonly users: readonly string[];
  /** The mount namespace of this process, in which no attack starts. */
  readonly mountNamespace: string;
}

/** One row of the documented attacks, as a program. */
export interface Attack {
  /** Its number in the documented table. */
  readonly row: number;
  /** What it does, after "a hostile plugin". */
  readonly title: string;
  /** Its interpreter. */
  readonly runtime: "node" | "sh";
  /** Limits to start it under, where they are what it attacks. */
  readonly limits?: Partial<SandboxLimits>;
  /** Whether being ended in the middle is containment as well. */
  readonly mayBeKilled?: true;
  /**
   * What it does. `through` tells of a success, with a word for what was reached; nothing else is a success. Every
   * step is harmless in a mount namespace of its own, whether it succeeds or not.
   */
  body(target: AttackTarget): string;
}

/** What became of an attack. */
export interface AttackOutcome {
  /** `unfinished` proves nothing: the program did not come to its end. */
  readonly verdict: "held" | "through" | "unfinished";
  /** What was reached, in its own words. */
  readonly reached: readonly string[];
}

/** The program of an attack: refuses to start outside a mount namespace of its own, and says when it came to its end. */
export function attackProgram(attack: Attack, target: AttackTarget): string {
  const outside = JSON.stringify(target.mountNamespace);
  switch (attack.runtime) {
    case "sh":
      return `#!/bin/sh
case $(readlink /proc/self/ns/mnt) in '' | ${outside}) exit 9 ;; esac
through() { echo "through $*"; }
exec 2> /dev/null
echo start
${attack.body(target)}
echo end
`;
    case "node":
      return `import { readlinkSync } from "node:fs";
if (readlinkSync("/proc/self/ns/mnt") === ${outside}) process.exit(9);
const through = (...what) => console.log("through", ...what);
console.log("start");
${attack.body(target)}
console.log("end");
`;
    default:
      return attack.runtime satisfies never;
  }
}

/** Judges an attack by what its program printed. */
export function judgeAttack(
  { mayBeKilled }: Pick<Attack, "mayBeKilled">,
  { canary }: Pick<AttackTarget, "canary">,
  printed: string,
): AttackOutcome {
  const lines = printed.split("\n");
  const reached = lines.flatMap((line) => /^through ?(.*)$/u.exec(line)?.[1] ?? []);
  if (printed.includes(canary)) reached.push("the canary");
  if (reached.length > 0) return { verdict: "through", reached };
  // A program that never started has proven nothing.
  const isDone = lines.includes(mayBeKilled === true ? "start" : "end");
  return { verdict: isDone ? "held" : "unfinished", reached };
}
