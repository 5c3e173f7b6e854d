import {
  type AttackOutcome,
  attackProgram,
  attacks,
  callsHere,
  isHeld,
  judgeAttack,
  readAnswers,
  systemCallProgram,
} from "@sigilrt/sandbox/testing";
import { type Contender, type OpenContender } from "./sandbox-contenders.ts";

/** One row for one contender. */
export interface Finding extends Pick<AttackOutcome, "reached"> {
  readonly row: number;
  readonly title: string;
  /** `answered`: the kernel took a system call up and found another fault with it than a missing right. */
  readonly verdict: AttackOutcome["verdict"] | "answered";
}

/** Answers of a system call that did what it was asked. */
const successes = new Set(["done", "set", "survived"]);
const maxNamed = 4;
const callPrefix = "system calls: ";

const callTitles: Readonly<Record<number, string>> = {
  19: "makes a set-user-id file",
  20: "gives a file a capability",
  35: "makes a user namespace",
  36: "makes one by clone3",
  37: "enters a namespace",
  38: "mounts and unmounts",
  39: "mounts by the new calls",
  40: "changes its root",
  41: "uses the keys of the kernel",
  42: "uses bpf, performance events, userfaultfd",
  43: "uses io_uring",
  44: "looks into other processes",
  45: "takes a descriptor of another process",
  47: "opens files by handle",
  48: "calls by another ABI",
  49: "calls numbers that nobody knows",
  50: "opens raw, packet, netlink, vsock, alg or xdp sockets",
  51: "opens such a socket with high bits set",
  52: "types into the terminal",
  53: "makes a device or a pipe",
  54: "changes its personality, reads the log of the kernel, places memory",
  61: "sets the host name",
  62: "sets a clock",
};

/** Runs every attack that is one program, one after the other, and the system calls by their rows. */
export async function findingsOf(contender: Contender): Promise<readonly Finding[]> {
  await using opened = await contender.open();
  const findings: Finding[] = [];
  for (const attack of attacks) {
    const { row, title, runtime, limits } = attack;
    const text = attackProgram(attack, opened.target);
    // oxlint-disable-next-line no-await-in-loop -- they share a folder, and one must not disturb the next
    const printed = await opened.run({ runtime, text, args: [], limits });
    findings.push({ row, title, ...judgeAttack(attack, opened.target, printed) });
  }
  return [...findings, ...(await callFindings(opened))].toSorted((one, two) => one.row - two.row);
}

async function callFindings(opened: OpenContender): Promise<readonly Finding[]> {
  const { text, args } = systemCallProgram(opened.target);
  const answers = readAnswers(
    await opened.run({ runtime: "python3", text, args, limits: undefined }),
  );
  return Object.entries(callTitles).flatMap(([row, title]) => {
    const calls = callsHere.filter((call) => call.row === Number(row));
    if (calls.length === 0) return [];
    const open = calls.filter((call) => !isHeld(call, answers.get(call.name)));
    const done = open.filter(({ name }) => successes.has(answers.get(name) ?? ""));
    const reached = (done.length > 0 ? done : open).map(({ name }) =>
      done.length > 0 ? name : `${name} (${answers.get(name) ?? "not made"})`,
    );
    const verdict = done.length > 0 ? "through" : open.length > 0 ? "answered" : "held";
    return [{ row: Number(row), title: `${callPrefix}${title}`, verdict, reached }];
  });
}

/** What one column shows: its findings, or why there are none. */
export interface Column {
  readonly contender: Contender;
  readonly findings: readonly Finding[] | string;
}

/** The comparison as a page. */
export function comparisonPage(
  columns: readonly Column[],
  facts: Readonly<Record<string, string>>,
): string {
  const [first] = columns;
  if (first === undefined || typeof first.findings === "string") {
    throw new Error("Cannot compare without a column of our own");
  }
  const heads = columns.map(({ contender }) => contender.name);
  const rows = first.findings.map(({ row, title }) => {
    const cells = columns.map(({ findings }) => cell(findings, row, title));
    return line([String(row), title, ...cells]);
  });
  const sums = columns.map(({ findings }) =>
    typeof findings === "string"
      ? "not run"
      : `${findings.filter(({ verdict }) => verdict === "held").length} of ${findings.length} held`,
  );
  return [
    "# The same attacks elsewhere",
    "",
    "What hostile programs reach under three ways to start them. Every program is harmless and the same for all; it prints what it reached, and",
    "nothing is counted as held before it came to its end. Written by `pnpm compare:sandbox`; nothing in the table was edited.",
    "",
    ...Object.entries(facts).map(([name, fact]) => `- ${name}: ${fact}`),
    "",
    ...columns.map(({ contender }) => `- **${contender.name}**: ${contender.form}`),
    "",
    "The wrappers are started as people start them, with the variables of whoever starts them and without limits: neither sets one, and a",
    "careful user can add both. What a wrapper lets through is therefore often a setting that nobody gave, not a fault.",
    "A system call is held when its answer is a refusal, whoever gave it: the filter, the kernel or a missing right. It was carried",
    "out when the kernel did what was asked, which is harmless here: to the program itself, or nothing. It reached the kernel when that found",
    "another fault with it; whether better arguments would succeed was not tried. A folder of the type tmpfs is the program's own memory.",
    "",
    line(["Row", "A hostile plugin …", ...heads]),
    line(["---", "---", ...heads.map(() => "---")]),
    ...rows,
    line(["", "", ...sums]),
    "",
  ].join("\n");
}

function cell(findings: Column["findings"], row: number, title: string): string {
  if (typeof findings === "string") return `not run: ${findings}`;
  const found = findings.find((finding) => finding.row === row && finding.title === title);
  if (found === undefined) return "not run";
  switch (found.verdict) {
    case "held":
      return "held";
    case "through":
      return `${title.startsWith(callPrefix) ? "carried out" : "went through"}: ${listed(found.reached)}`;
    case "answered":
      return `reached the kernel: ${listed(found.reached)}`;
    case "unfinished":
      return "did not come to its end";
    default:
      return found.verdict satisfies never;
  }
}

function listed(names: readonly string[]): string {
  const more = names.length - maxNamed;
  const shown = names.slice(0, maxNamed).join("; ");
  return more > 0 ? `${shown}; and ${more} more` : shown;
}

const line = (cells: readonly string[]): string =>
  `| ${cells.map((text) => text.replaceAll(/[|*]/gu, String.raw`\$&`)).join(" | ")} |`;
