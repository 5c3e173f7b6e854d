import { instantOf, read } from "./command-line.ts";
import type { AuditPlace, Composition } from "./composition.ts";
import { explainVerb } from "./explain-verb.ts";
import { exportVerb } from "./export-verb.ts";
import { pruneVerb } from "./prune-verb.ts";
import { queryVerb, tailAudit } from "./records.ts";
import { resealVerb } from "./reseal-verb.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";
import { verifyVerb } from "./verify-verb.ts";

const verbs = ["tail", "query", "explain", "export", "verify", "reseal", "prune"];
const common = { config: { type: "string" }, json: { type: "boolean" } } as const;

/** Runs a verb on the audit. None but `reseal` and `prune` writes to it. */
export function runAuditVerb(
  verb: string,
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  switch (verb) {
    case "tail":
      return tail(argv, composition, terminal);
    case "query":
      return query(argv, composition, terminal);
    case "explain":
      return explain(argv, composition, terminal);
    case "export":
      return exportRecords(argv, composition, terminal);
    case "verify":
      return verify(argv, composition, terminal);
    case "reseal":
      return resealVerb(argv, composition, terminal);
    case "prune":
      return pruneVerb(argv, composition, terminal);
    default:
      throw new UsageError(`Cannot run "audit ${verb}": after audit comes ${verbs.join(" or ")}`);
  }
}

const audited = { ...common, directory: { type: "string" } } as const;
const filtered = {
  ...audited,
  limit: { type: "string" },
  plugin: { type: "string" },
  user: { type: "string" },
  result: { type: "string" },
} as const;

async function tail(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const { limit, json, ...where } = read(argv, filtered);
  const options = { limit: limitOf(limit, 20), filter: filterOf(where), json: json === true };
  return tailAudit(await placeOf(where, composition), options, terminal);
}

async function query(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const { limit, json, cursor, from, to, workspace, reason, capability, ...where } = read(argv, {
    ...filtered,
    cursor: { type: "string" },
    from: { type: "string" },
    to: { type: "string" },
    workspace: { type: "string" },
    reason: { type: "string" },
    capability: { type: "string" },
  });
  const filter = {
    ...filterOf(where),
    ...(from === undefined ? {} : { from: instantOf(from) }),
    ...(to === undefined ? {} : { to: instantOf(to) }),
    ...(workspace === undefined ? {} : { workspace }),
    ...(reason === undefined ? {} : { reason }),
    ...(capability === undefined ? {} : { capability }),
  };
  const page = cursor === undefined ? {} : { cursor };
  const options = { limit: limitOf(limit, 100), filter, json: json === true, ...page };
  return queryVerb(await placeOf(where, composition), options, composition.covers, terminal);
}

async function explain(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const [decision = "", ...rest] = argv;
  if (decision === "" || decision.startsWith("-")) {
    throw new UsageError("Cannot run audit explain: it needs the id of a decision");
  }
  const { config = composition.defaultConfiguration, json } = read(rest, common);
  const options = { decision, config, json: json === true };
  return explainVerb(await composition.auditPlace(config), options, composition, terminal);
}

async function exportRecords(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const { config, directory, format, after } = read(argv, {
    ...audited,
    format: { type: "string" },
    after: { type: "string" },
  });
  const where = {
    ...(config === undefined ? {} : { config }),
    ...(directory === undefined ? {} : { directory }),
  };
  const options = { format: format ?? "jsonl", ...(after === undefined ? {} : { after }) };
  return exportVerb(await placeOf(where, composition), options, terminal);
}

function limitOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (/^[1-9][0-9]{0,2}$|^1000$/u.test(text)) return Number(text);
  throw new UsageError(`Cannot show ${text} records: from 1 to 1000`);
}

function filterOf(given: {
  readonly plugin?: string;
  readonly user?: string;
  readonly result?: string;
}): Parameters<typeof tailAudit>[1]["filter"] {
  const { plugin, user, result } = given;
  return {
    ...(plugin === undefined ? {} : { plugin }),
    ...(user === undefined ? {} : { actor: user }),
    ...(result === undefined ? {} : { result: resultOf(result) }),
  };
}

/** Records hold their time in UTC with milliseconds, and are compared with it as text. */
const results = ["allowed", "denied", "ok", "failed"] as const;

function resultOf(text: string): (typeof results)[number] {
  const found = results.find((result) => result === text);
  if (found) return found;
  throw new UsageError(`Cannot filter by result "${text}": it is one of ${results.join(", ")}`);
}

async function verify(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const {
    checkpoint = [],
    key = [],
    fast,
    index,
    json,
    ...where
  } = read(argv, {
    ...audited,
    checkpoint: { type: "string", multiple: true },
    key: { type: "string", multiple: true },
    fast: { type: "boolean" },
    index: { type: "boolean" },
  });
  if (where.directory !== undefined && checkpoint.length > 0 && key.length === 0) {
    throw new UsageError("Cannot hold a copy against --checkpoint without --key: who signed it?");
  }
  const options = {
    checkpoints: checkpoint,
    keys: key,
    fast: fast === true,
    index: index === true,
    json: json === true,
  };
  return verifyVerb(await placeOf(where, composition), options, terminal);
}

async function placeOf(
  { directory, config }: { readonly directory?: string; readonly config?: string },
  composition: Composition,
): Promise<AuditPlace> {
  if (directory === undefined) {
    return composition.auditPlace(config ?? composition.defaultConfiguration);
  }
  if (config !== undefined) throw new UsageError("Cannot take both --directory and --config");
  return { directory, anchors: [], keys: [] };
}
