import { CapabilitySet } from "@sigilrt/capability";
import { checkPath, networkPattern, pathPattern } from "./execution-rules.ts";
import { errorAt, type Finding, type IssuePath, warningAt } from "./issue.ts";
import { quote } from "./manifest-error.ts";
import { checkPattern } from "./rights-rules.ts";
import { isList, valueAt } from "./shape.ts";
import type { Plain } from "./snapshot.ts";

interface Placed {
  readonly pattern: string;
  readonly path: IssuePath;
}

const ownFolder = "filesystem.write./data/plugins/self/*";

/** What is asked for must be free of contradictions, and should be free of repetition and come with a reason. */
export function checkRights(value: Plain): readonly Finding[] {
  const declared = patternsAt(value, "capabilities", checkPattern("asked"));
  const denied = patternsAt(value, "deny_capabilities", checkPattern("denied"));
  const asked = [...declared, ...derivedPatterns(value)];
  return [
    ...conflicts(asked, denied),
    ...redundant(declared),
    ...declared.filter(({ path }) => !hasReason(value, path)).map(withoutReason),
  ];
}

/** The patterns that follow from the sandbox section; the plugin's own folder needs none. */
function derivedPatterns(value: Plain): readonly Placed[] {
  const sandbox = ["execution", "sandbox"];
  const writes = textsAt(value, [...sandbox, "filesystem", "write_allow"])
    .filter(({ text }) => checkPath("write")(text) === undefined)
    .map(({ text, path }) => ({ pattern: pathPattern("filesystem.write", text), path }))
    .filter(
      ({ pattern }) => !CapabilitySet.from([ownFolder]).covers(CapabilitySet.from([pattern])),
    );
  const hosts = textsAt(value, [...sandbox, "network", "allow"]).flatMap(({ text, path }) => {
    const pattern = networkPattern(text);
    return pattern === undefined ? [] : [{ pattern, path }];
  });
  return [...writes, ...hosts];
}

function patternsAt(
  value: Plain,
  key: string,
  check: (text: string) => unknown,
): readonly Placed[] {
  const list = valueAt(value, [key]);
  if (!isList(list)) return [];
  return list.flatMap((entry, index): readonly Placed[] => {
    const pattern = typeof entry === "string" ? entry : valueAt(entry, ["pattern"]);
    return typeof pattern === "string" && check(pattern) === undefined
      ? [{ pattern, path: [key, index] }]
      : [];
  });
}

function textsAt(
  value: Plain,
  path: readonly string[],
): readonly { readonly text: string; readonly path: IssuePath }[] {
  const list = valueAt(value, path);
  if (!isList(list)) return [];
  return list.flatMap((text, index) =>
    typeof text === "string" ? [{ text, path: [...path, index] }] : [],
  );
}

function conflicts(asked: readonly Placed[], denied: readonly Placed[]): readonly Finding[] {
  const allow = CapabilitySet.from(asked.map(({ pattern }) => pattern));
  const deny = CapabilitySet.from(denied.map(({ pattern }) => pattern));
  return allow.conflicts(deny).map((conflict) => {
    const place = asked.find(({ pattern }) => pattern === conflict.allow)?.path ?? [];
    const message = `Cannot ask for ${quote(conflict.allow)} and deny ${quote(conflict.deny)}: they overlap at ${conflict.witness}; ask for less`;
    return errorAt(place, "capability.conflict", message);
  });
}

function redundant(declared: readonly Placed[]): readonly Finding[] {
  const covered: readonly string[] = CapabilitySet.from(
    declared.map(({ pattern }) => pattern),
  ).redundant();
  return declared
    .filter(({ pattern }) => covered.includes(pattern))
    .map(({ pattern, path }) =>
      warningAt(
        path,
        "capability.redundant",
        `No need to ask for ${quote(pattern)}: another pattern covers it`,
      ),
    );
}

function hasReason(value: Plain, path: IssuePath): boolean {
  const description = valueAt(value, [...path, "description"]);
  return typeof description === "string" && description.trim() !== "";
}

const withoutReason = ({ pattern, path }: Placed): Finding =>
  warningAt(
    path,
    "capability.no-rationale",
    `No reason is given for ${quote(pattern)}: add a description`,
  );
