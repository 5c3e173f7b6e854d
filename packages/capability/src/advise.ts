import { isNumeric } from "./is-numeric.ts";
import { tokensOf } from "./parse.ts";
import type { Pattern } from "./vocabulary.ts";

/** What makes a pattern unlikely to be meant. */
export type PatternAdviceRule =
  | "host-star-not-first"
  | "host-star-in-address"
  | "host-without-port"
  | "host-star-as-verb"
  | "host-not-lower-case";

/** One reason to look at a pattern again. */
export interface PatternAdvice {
  /** The pattern. */
  readonly pattern: Pattern;
  /** Which rule it goes against. */
  readonly rule: PatternAdviceRule;
  /** What the pattern covers that its author may not expect, and what to write instead. */
  readonly hint: string;
}

/**
 * Lists what is well-formed but unlikely to be meant, at most once per rule. Host names are read from right to
 * left and capabilities from left to right, so `net.connect.api.*` also covers `api.evil.com`.
 */
export function advise(pattern: Pattern): readonly PatternAdvice[] {
  const [family, verb, ...rest] = tokensOf(pattern);
  const root = rest.indexOf("/");
  const labels = root === -1 ? rest : rest.slice(0, root);
  if (family !== "net" || verb === undefined || verb === "/" || labels.length === 0) return none;

  return Object.freeze(
    hostRules
      .filter(({ applies }) => applies(labels, verb))
      .map(({ rule, hint }) => Object.freeze({ pattern, rule, hint })),
  );
}

const none: readonly PatternAdvice[] = Object.freeze([]);

interface HostRule {
  readonly rule: PatternAdviceRule;
  readonly hint: string;
  readonly applies: (labels: readonly string[], verb: string) => boolean;
}

const hostRules: readonly HostRule[] = [
  {
    rule: "host-star-not-first",
    hint: 'a star behind a host label covers hosts of other people; put the star first, as in "net.connect.*.example.com:443"',
    applies: (labels) => labels.lastIndexOf("*") > 0,
  },
  {
    rule: "host-star-in-address",
    hint: "a star beside numeric labels covers host names too; write each address in full",
    applies: (labels) => labels.includes("*") && hasNumber(labels),
  },
  {
    rule: "host-without-port",
    hint: 'a connection always has a port; end the pattern with one, as in "example.com:443"',
    applies: (labels) => !isStarAlone(labels) && !hasPort(labels.at(-1) ?? ""),
  },
  {
    rule: "host-star-as-verb",
    hint: 'a star in place of the verb also takes host labels; name the verb, as in "net.connect"',
    applies: (labels, verb) => verb === "*" && labels.some((label) => label !== "*"),
  },
  {
    rule: "host-not-lower-case",
    hint: "host names are compared in lower case; write lower case",
    applies: (labels) => labels.some((label) => label !== label.toLowerCase()),
  },
];

function isStarAlone(labels: readonly string[]): boolean {
  return labels.length === 1 && labels[0] === "*";
}

function hasNumber(labels: readonly string[]): boolean {
  return labels.some((label, at) => isNumeric(at === labels.length - 1 ? hostOf(label) : label));
}

function hasPort(label: string): boolean {
  const port = label.slice(hostOf(label).length + 1);
  return isNumeric(port) && port.length <= 5 && Number(port) >= 1 && Number(port) <= 65_535;
}

/** The label without its port. In brackets, colons belong to the address. */
function hostOf(label: string): string {
  const colon = label.lastIndexOf(":");
  return colon > label.lastIndexOf("]") ? label.slice(0, colon) : label;
}
