import { CapabilitySet, type Pattern, parsePattern } from "@sigilrt/capability";
import type { Refusal } from "@sigilrt/lifecycle";
import type { ProposedRight, UngrantableAttempt } from "./learn-report.ts";

/** A refusal, and during what it was heard. */
export interface HeardRefusal extends Refusal {
  readonly during: string;
}

/** What follows from what was refused. */
export interface Proposal {
  readonly proposed: readonly ProposedRight[];
  readonly ungrantable: readonly UngrantableAttempt[];
  readonly lookups: readonly string[];
}

/** So many neighbours stand for all of their place. */
const NEIGHBOURS = 3;
const MOST_EVIDENCE = 5;
const EVIDENCE_LENGTH = 300;

/**
 * The fewest and narrowest patterns that cover what was refused beyond what the manifest asks for already. `fault` says why a manifest
 * cannot ask for a pattern. Pure.
 */
export function proposeRights(
  heard: readonly HeardRefusal[],
  requested: readonly Pattern[],
  fault: (pattern: Pattern) => string | undefined,
): Proposal {
  const ungrantable: UngrantableAttempt[] = [];
  const lookups: string[] = [];
  const seen = new Map<Pattern, string[]>();
  const asked = CapabilitySet.from(requested);
  for (const refusal of heard) {
    const line = evidenceOf(refusal);
    if (refusal.isLookup) lookups.push(line);
    else {
      const pattern = patternOf(refusal);
      const reason = refusal.obstacle ?? (pattern ? fault(pattern) : "no grant opens it");
      if (reason !== undefined || !pattern) {
        ungrantable.push({ evidence: line, reason: reason ?? "no grant opens it" });
      } else if (!asked.covers(CapabilitySet.from([pattern]))) {
        seen.set(pattern, [...(seen.get(pattern) ?? []), line]);
      }
    }
  }
  return {
    proposed: narrowed(widened(seen, fault)),
    ungrantable: Object.freeze(ungrantable),
    lookups: Object.freeze(lookups),
  };
}

interface Candidate {
  readonly evidence: readonly string[];
  readonly isWidened: boolean;
}

/** Puts a star in place of neighbours where there are enough of them. */
function widened(
  seen: ReadonlyMap<Pattern, readonly string[]>,
  fault: (pattern: Pattern) => string | undefined,
): ReadonlyMap<Pattern, Candidate> {
  const places = Map.groupBy(seen.keys(), (pattern) => placeOf(pattern));
  const candidates = new Map<Pattern, Candidate>();
  for (const [place, patterns] of places) {
    const isMany = place !== undefined && patterns.length >= NEIGHBOURS && !fault(place);
    const evidence = patterns.flatMap((pattern) => seen.get(pattern) ?? []);
    if (isMany) candidates.set(place, { evidence, isWidened: true });
    else {
      for (const pattern of patterns) {
        candidates.set(pattern, { evidence: seen.get(pattern) ?? [], isWidened: false });
      }
    }
  }
  return candidates;
}

/** Leaves out what the rest covers. A folder that may be changed can be read. */
function narrowed(candidates: ReadonlyMap<Pattern, Candidate>): readonly ProposedRight[] {
  const all = CapabilitySet.from(candidates.keys());
  const readable = CapabilitySet.from(
    all.patterns.flatMap((pattern) =>
      pattern.startsWith(WRITE) ? [`${READ}${pattern.slice(WRITE.length)}`] : [],
    ),
  );
  const surplus = new Set<string>(all.redundant());
  const needed = all.patterns.filter(
    (pattern) => !surplus.has(pattern) && !readable.covers(CapabilitySet.from([pattern])),
  );
  return Object.freeze(
    needed.map((pattern) => {
      const { evidence = [], isWidened = false } = candidates.get(pattern) ?? {};
      return Object.freeze({ pattern, isWidened, evidence: shortened(evidence) });
    }),
  );
}

const READ = "filesystem.read.";
const WRITE = "filesystem.write.";
const CONNECT = "net.connect.";

/** The pattern that stands for a pattern and its neighbours; `undefined` where none would mean less than nearly everything. */
function placeOf(pattern: Pattern): Pattern | undefined {
  if (pattern.startsWith(CONNECT)) return domainOf(pattern.slice(CONNECT.length));
  if (!pattern.startsWith(READ) && !pattern.startsWith(WRITE)) return undefined;
  const folder = pattern.endsWith("/*") ? pattern.slice(0, -2) : pattern;
  const place = folder.slice(0, folder.lastIndexOf("/"));
  // A folder directly below the root holds what nobody would grant as a whole.
  return place.split("/").length > 2 ? parsePattern(`${place}/*`) : undefined;
}

function domainOf(destination: string): Pattern | undefined {
  const [, domain] =
    /^[a-z][a-z0-9-]*\.((?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*:\d+)$/u.exec(destination) ?? [];
  return domain === undefined ? undefined : parsePattern(`${CONNECT}*.${domain}`);
}

/** What a host heard came from the plugin, and is held to the grammar like any other text of it. */
function patternOf({ pattern }: Refusal): Pattern | undefined {
  try {
    return pattern === undefined ? undefined : parsePattern(pattern);
  } catch {
    return undefined;
  }
}

const evidenceOf = ({ evidence, during }: HeardRefusal): string =>
  `${evidence.slice(0, EVIDENCE_LENGTH)} (${during})`;

function shortened(evidence: readonly string[]): readonly string[] {
  const rest = evidence.length - MOST_EVIDENCE;
  const shown = evidence.slice(0, MOST_EVIDENCE);
  return Object.freeze(rest > 0 ? [...shown, `and ${rest} more`] : shown);
}
