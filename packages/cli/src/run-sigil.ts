import { runBundleVerb } from "./bundles/bundle-verbs.ts";
import { runAuditVerb } from "./audit-verbs.ts";
import { read } from "./command-line.ts";
import type { Composition, StdioOwner } from "./composition.ts";
import { EXIT } from "./exit-code.ts";
import { showFindings } from "./doctor-verb.ts";
import { HELP } from "./help.ts";
import { runOperateVerb } from "./operate/operate-verbs.ts";
import { runPluginVerb } from "./plugins/plugin-verbs.ts";
import { RefusedError } from "./refused-error.ts";
import { escaped, type Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

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
    case "run":
      return runPluginVerb(verb, argv.slice(1), composition, terminal);
    case "list":
    case "inspect":
    case "logs":
    case "start":
    case "stop":
    case "reload":
    case "rollback":
      return runOperateVerb(verb, argv.slice(1), composition, terminal);
    case "bundle":
      return runBundleVerb(second, argv.slice(2), terminal);
    case "doctor":
      return doctor(argv.slice(1), composition, terminal);
    case "audit":
      return runAuditVerb(second, argv.slice(2), composition, terminal);
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
  const options = { ...common, ...owner, operator: { type: "boolean" } } as const;
  const { config, json, user, workspace, operator = false } = read(argv, options);
  if (operator) {
    const path = config ?? composition.defaultConfiguration;
    const token = await operatorToken(path, user, workspace, composition);
    out(json === true ? JSON.stringify({ user, token }) : token);
    if (json !== true) err("It is shown this once; only its hash is kept.");
    return EXIT.ok;
  }
  const whose = ownerOf("token create", user, workspace);
  const token = await composition.createToken(config ?? composition.defaultConfiguration, whose);
  out(json === true ? JSON.stringify({ ...whose, token }) : token);
  if (json !== true) err("It is shown this once; only its hash is kept.");
  return EXIT.ok;
}

function operatorToken(
  config: string,
  user: string | undefined,
  workspace: string | undefined,
  composition: Composition,
): Promise<string> {
  if (user === undefined || workspace !== undefined) {
    throw new UsageError("Cannot run token create --operator: it needs --user, and no workspace");
  }
  if (composition.createOperatorToken) return composition.createOperatorToken(config, user);
  throw new UsageError("Cannot make an operator's token: this program has no page");
}

function ownerOf(
  verb: string,
  user: string | undefined,
  workspace: string | undefined,
): StdioOwner {
  if (user !== undefined && workspace !== undefined) return { user, workspace };
  throw new UsageError(`Cannot run ${verb}: it needs --user and --workspace`);
}
