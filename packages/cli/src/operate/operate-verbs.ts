import { coloured } from "../coloured.ts";
import { read, readSubject } from "../command-line.ts";
import type { Composition } from "../composition.ts";
import { EXIT } from "../exit-code.ts";
import { pluginOf } from "../plugin-name.ts";
import { escaped, type Terminal } from "../terminal.ts";
import type {
  ActReport,
  InspectedPlugin,
  OperatedGateway,
  OperatedPlugin,
  OperatorAct,
  PluginLine,
} from "./operated-gateway.ts";

const common = { config: { type: "string" }, json: { type: "boolean" } } as const;

/** Runs one of the verbs on a gateway that runs. */
export function runOperateVerb(
  verb: "list" | "inspect" | "logs" | OperatorAct,
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  switch (verb) {
    case "list":
      return list(argv, composition, terminal);
    case "inspect":
      return inspect(argv, composition, terminal);
    case "logs":
      return logs(argv, composition, terminal);
    case "reload":
      return argv.includes("--configuration")
        ? reloadConfiguration(argv, composition, terminal)
        : act(verb, argv, composition, terminal);
    case "start":
    case "stop":
    case "rollback":
      return act(verb, argv, composition, terminal);
    default:
      return verb satisfies never;
  }
}

async function list(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const { out } = terminal;
  const { config, json } = read(argv, common);
  const plugins = await (await gatewayOf(composition, config)).list();
  if (json === true) out(JSON.stringify(plugins));
  else for (const plugin of plugins) out(lineOf(plugin, terminal));
  return EXIT.ok;
}

async function inspect(
  argv: readonly string[],
  composition: Composition,
  { out }: Terminal,
): Promise<number> {
  const { config, json, subject } = readSubject("inspect", argv, "a plugin", common);
  const name = pluginOf(subject);
  const plugin = await (await gatewayOf(composition, config)).inspect(name);
  if (json === true) out(JSON.stringify(plugin));
  else for (const line of linesOf(plugin)) out(escaped(line));
  return EXIT.ok;
}

async function logs(
  argv: readonly string[],
  composition: Composition,
  { out }: Terminal,
): Promise<number> {
  const options = { ...common, follow: { type: "boolean" } } as const;
  const { config, json, subject, follow } = readSubject("logs", argv, "a plugin", options);
  const name = pluginOf(subject);
  const gateway = await gatewayOf(composition, config);
  for await (const line of gateway.logs(name, { follow: follow === true })) {
    for (const text of json === true ? [JSON.stringify(line)] : shown(line)) out(text);
  }
  return EXIT.ok;
}

async function act(
  verb: OperatorAct,
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const options =
    verb === "start" ? { ...common, "clear-quarantine": { type: "boolean" } as const } : common;
  const { config, json, subject, ...more } = readSubject(verb, argv, "a plugin", options);
  const name = pluginOf(subject);
  const clearQuarantine = "clear-quarantine" in more && more["clear-quarantine"] === true;
  const report = await (await gatewayOf(composition, config)).act(name, verb, { clearQuarantine });
  if (json === true) terminal.out(JSON.stringify(report));
  else tell(report, terminal);
  return report.outcome === "refused" ? EXIT.rejected : EXIT.ok;
}

async function reloadConfiguration(
  argv: readonly string[],
  composition: Composition,
  { out, err }: Terminal,
): Promise<number> {
  const { config, json } = read(argv, { ...common, configuration: { type: "boolean" } });
  const gateway = await gatewayOf(composition, config);
  const outcome = await gateway.reloadConfiguration().catch((error: unknown) => {
    if (error instanceof Error) return error;
    throw error;
  });
  if (outcome instanceof Error) {
    for (const line of outcome.message.split("\n")) err(escaped(line));
    err("Nothing was changed: the configuration before stays in force");
    return EXIT.rejected;
  }
  if (json === true) out(JSON.stringify(outcome));
  else out(outcome.changed ? "taken over" : "unchanged");
  return EXIT.ok;
}

function gatewayOf(composition: Composition, config: string | undefined): Promise<OperatedGateway> {
  if (composition.gateway) return composition.gateway(config ?? composition.defaultConfiguration);
  throw new Error("Cannot reach a gateway: this command belongs to none that runs plugins");
}

function lineOf(
  { name, state, version, tier, digest, reason, crashes }: OperatedPlugin,
  terminal: Terminal,
): string {
  const word = escaped(state.padEnd(16));
  const tone = tones[state];
  const parts = [
    version,
    tier,
    digest === undefined ? undefined : `${digest.slice(0, 24)}…`,
    crashes === 0 ? undefined : `crashed ${crashes} times`,
    reason,
  ].flatMap((part) => (part === undefined ? [] : [escaped(part)]));
  const marked = tone === undefined ? word : coloured(terminal, tone, word);
  return [escaped(name.padEnd(20)), marked, ...parts].join("  ");
}

/** What a state wants of a person; others want nothing. */
const tones: Readonly<Partial<Record<string, "good" | "unsure" | "bad">>> = {
  running: "good",
  awaiting_consent: "unsure",
  refused: "bad",
  error: "bad",
};

function linesOf(plugin: InspectedPlugin): readonly string[] {
  const { name, version, type, tier, adapter, digest, state, reason, crashes } = plugin;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["version", version],
    ["type", type],
    ["tier", tier],
    ["adapter", adapter],
    ["digest", digest],
    ["state", state],
    ["reason", reason],
    ["crashes", String(crashes)],
    ["tools", plugin.tools?.join(", ")],
    ...plugin.allow.map((pattern) => ["granted", pattern] as const),
    ...plugin.except.map((pattern) => ["but not", pattern] as const),
    ...plugin.warnings.map((warning) => ["warning", warning] as const),
  ];
  const known = rows.flatMap(([title, text]) =>
    text === undefined ? [] : [`  ${title.padEnd(10)}${text}`],
  );
  return [name, ...known];
}

function shown({ at, source, text, dropped }: PluginLine): readonly string[] {
  const lost = dropped === 0 ? [] : [`(${dropped} lines were dropped here)`];
  return [...lost, escaped(`${at}  ${source.padEnd(6)}  ${text}`)];
}

function tell({ plugin, outcome, version, message }: ActReport, { out, err }: Terminal): void {
  const which = version === undefined ? plugin : `${plugin} ${version}`;
  if (outcome !== "refused") out(escaped(`${outcome} ${which}`));
  if (message !== undefined) err(escaped(message));
}
