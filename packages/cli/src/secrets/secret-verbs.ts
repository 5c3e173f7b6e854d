import { read, readSubject } from "../command-line.ts";
import type { Composition } from "../composition.ts";
import { EXIT } from "../exit-code.ts";
import { pluginOf } from "../plugin-name.ts";
import type { ActReport } from "../operate/operated-gateway.ts";
import { escaped, type Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import type { SecretChange, SecretKeeper, SecretStanding } from "./secret-keeper.ts";

const common = { config: { type: "string" }, json: { type: "boolean" } } as const;
const most = 16_384;

/** Runs `secret set`, `list` or `remove`. */
export function runSecretVerb(
  verb: string,
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  switch (verb) {
    case "list":
      return list(argv, composition, terminal);
    case "set":
    case "remove":
      return change(verb, argv, composition, terminal);
    default:
      throw new UsageError(`Cannot run "secret ${verb}": after secret comes set, list or remove`);
  }
}

/**
 * Reads a value from standard input, whole; a line break at its end is not part of it.
 *
 * @throws {@link UsageError} where there is no input, none comes, or it is too long
 */
export async function readSecretValue(what: string, { readSecret }: Terminal): Promise<string> {
  if (!readSecret) throw new UsageError(`Cannot read ${what}: this command has no standard input`);
  const bytes = await readSecret(`Value of ${what} (not shown): `, most + 2);
  const text = textOf(bytes).replace(/\r?\n$/u, "");
  if (text === "") throw new UsageError(`Cannot read ${what}: standard input holds no value`);
  if (Buffer.byteLength(text) <= most) return text;
  throw new UsageError(`Cannot read ${what}: it is over ${most} bytes`);
}

/** Reads the name of a secret. @throws {@link UsageError} that does not repeat it: it may be a value in the wrong place */
export function secretNameOf(text: string): string {
  if (/^[a-z][a-z0-9_]{0,63}$/u.test(text)) return text;
  throw new UsageError(
    "Cannot use this as a secret's name: lower-case letters, digits and _, as its manifest declares it",
  );
}

/** The keeper of a composition. @throws Error where it has none */
export function keeperOf({ secrets }: Composition): SecretKeeper {
  if (secrets) return secrets;
  throw new Error("Cannot keep secrets: this command belongs to no gateway that has any");
}

async function list(
  argv: readonly string[],
  composition: Composition,
  { out }: Terminal,
): Promise<number> {
  const { config, json } = read(argv, common);
  const kept = await keeperOf(composition).list(config ?? composition.defaultConfiguration);
  if (json === true) out(JSON.stringify(kept));
  else for (const secret of kept) out(escaped(lineOf(secret)));
  return EXIT.ok;
}

async function change(
  verb: "set" | "remove",
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const { config, json, name, ...given } = readNamed(verb, argv);
  const plugin = pluginOf(given.plugin);
  const keeper = keeperOf(composition);
  const what: SecretChange =
    verb === "set"
      ? { plugin, name, value: await readSecretValue(`secret "${name}"`, terminal) }
      : { plugin, name };
  const report = await keeper.change(config ?? composition.defaultConfiguration, what);
  if (json === true) terminal.out(JSON.stringify({ ...report, secret: name }));
  else tell(verb, name, report, terminal);
  return report.outcome === "refused" ? EXIT.rejected : EXIT.ok;
}

function readNamed(
  verb: "set" | "remove",
  argv: readonly string[],
): {
  readonly plugin: string;
  readonly name: string;
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
} {
  const [plugin = "", name = "", ...rest] = argv;
  const words = [plugin, name];
  const isNamed = words.every((word) => word !== "" && !word.startsWith("-"));
  if (!isNamed || rest.some((word, at) => !word.startsWith("-") && rest[at - 1] !== "--config")) {
    // What stands there may be the value: it is in the shell's history already, and is not repeated here.
    throw new UsageError(
      `Cannot run secret ${verb}: it takes a plugin and a name, then options; a value comes from standard input alone, and one that was typed here is known to others`,
    );
  }
  const { subject, ...options } = readSubject(`secret ${verb}`, [plugin, ...rest], "", common);
  return { ...options, plugin: subject, name: secretNameOf(name) };
}

function lineOf({ plugin, name, declared, required, env, set }: SecretStanding): string {
  const state = set === undefined ? (required ? "MISSING" : "not set") : `set ${set}`;
  const way = env === undefined ? "" : `  in ${env}`;
  const lost = declared ? "" : "  no manifest declares it any more: nobody gets it";
  return `${plugin.padEnd(20)}  ${name.padEnd(20)}  ${state}${way}${lost}`;
}

function tell(
  verb: "set" | "remove",
  name: string,
  { plugin, outcome, message }: ActReport,
  { out, err }: Terminal,
): void {
  if (outcome !== "refused")
    out(escaped(`${verb === "set" ? "set" : "removed"} ${name} of ${plugin}`));
  if (message !== undefined) err(escaped(message));
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new UsageError("Cannot read the value: it is not UTF-8; encode it, as in base64", {
      cause,
    });
  }
}
