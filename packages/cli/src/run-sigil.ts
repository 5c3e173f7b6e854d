import { runBundleVerb } from "./bundles/bundle-verbs.ts";
import { instantOf, read } from "./command-line.ts";
import type { AuditPlace, Composition, StdioOwner } from "./composition.ts";
import { EXIT } from "./exit-code.ts";
import { showFindings } from "./doctor-verb.ts";
import { explainVerb } from "./explain-verb.ts";
import { exportVerb } from "./export-verb.ts";
import { HELP } from "./help.ts";
import { runPluginVerb } from "./plugins/plugin-verbs.ts";
import { RefusedError } from "./refused-error.ts";
import { pruneVerb } from "./prune-verb.ts";
import { queryVerb, tailAudit } from "./records.ts";
import { resealVerb } from "./reseal-verb.ts";
import { escaped, type Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";
import { verifyVerb } from "./verify-verb.ts";

/**
 * Runs one command and answers its exit code. Whatever goes wrong is one message on the error stream, never a stack.
 *
 * @param argv - the words after the program's name
 */
export async function runSigil(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  try {
    return await dispatch(argv, composition, terminal);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    for (const line of message.split("\n")) terminal.err(escaped(line));
    if (error instanceof RefusedError) return error.exitCode;
    if (!(error instanceof UsageError)) return EXIT.undecided;
    terminal.err("sigil --help shows what there is");
    return EXIT.usage;
  }
}

function dispatch(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const [verb = "--help", second = ""] = argv;
  switch (verb) {
    case "--help":
    case "-h":
    case "help":
      terminal.out(HELP);
      return Promise.resolve(argv.length === 0 ? EXIT.usage : EXIT.ok);
    case "--version":
      terminal.out(composition.version);
      return Promise.resolve(EXIT.ok);
    case "up":
      return up(argv.slice(1), composition, terminal);
    case "token":
      if (second !== "create") throw unknown("token", second, ["create"]);
      return createToken(argv.slice(2), composition, terminal);
    case "add":
    case "review":
    case "approve":
    case "reject":
    case "lock":
      return runPluginVerb(verb, argv.slice(1), composition, terminal);
    case "bundle":
      return runBundleVerb(second, argv.slice(2), terminal);
    case "doctor":
      return doctor(argv.slice(1), composition, terminal);
    case "audit":
      return audit(second, argv.slice(2), composition, terminal);
    default:
      throw new UsageError(`Cannot run "${verb}": there is no such verb`);
  }
}

async function doctor(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const { config, json } = read(argv, common);
  if (!composition.examineMachine) throw new Error("Cannot examine: this command has no gateway");
  const path = config ?? composition.defaultConfiguration;
  return showFindings(await composition.examineMachine(path), { json: json === true }, terminal);
}

function audit(
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
      throw unknown("audit", verb, [
        "tail",
        "query",
        "explain",
        "export",
        "verify",
        "reseal",
        "prune",
      ]);
  }
}

const unknown = (verb: string, found: string, known: readonly string[]): UsageError =>
  new UsageError(`Cannot run "${verb} ${found}": after ${verb} comes ${known.join(" or ")}`);

const common = { config: { type: "string" }, json: { type: "boolean" } } as const;
const owner = { user: { type: "string" }, workspace: { type: "string" } } as const;

async function up(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const options = { ...common, ...owner, stdio: { type: "boolean" } } as const;
  const { config, json = false, stdio = false, user, workspace } = read(argv, options);
  if (!stdio && (user !== undefined || workspace !== undefined)) {
    throw new UsageError("Cannot run up: --user and --workspace go with --stdio");
  }
  return composition.up(
    {
      config: config ?? composition.defaultConfiguration,
      json,
      ...(stdio ? { stdio: ownerOf("up --stdio", user, workspace) } : {}),
    },
    terminal,
  );
}

async function createToken(
  argv: readonly string[],
  composition: Composition,
  { out, err }: Terminal,
): Promise<number> {
  const { config, json, user, workspace } = read(argv, { ...common, ...owner });
  const whose = ownerOf("token create", user, workspace);
  const token = await composition.createToken(config ?? composition.defaultConfiguration, whose);
  out(json === true ? JSON.stringify({ ...whose, token }) : token);
  if (json !== true) err("It is shown this once; only its hash is kept.");
  return EXIT.ok;
}

function ownerOf(
  verb: string,
  user: string | undefined,
  workspace: string | undefined,
): StdioOwner {
  if (user !== undefined && workspace !== undefined) return { user, workspace };
  throw new UsageError(`Cannot run ${verb}: it needs --user and --workspace`);
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
