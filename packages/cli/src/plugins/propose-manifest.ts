import { parseManifest } from "@sigilrt/manifest";

/** What is known of a program that comes without a manifest of ours. */
export interface KnownProgram {
  readonly name: string;
  readonly version: string;
  readonly description?: string | undefined;
  readonly license?: string | undefined;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly secrets?: readonly {
    readonly name: string;
    readonly env: string;
    readonly description?: string | undefined;
  }[];
  /** Where it comes from, for the reader. */
  readonly source: string;
}

/**
 * Writes the manifest that asks for least: an MCP server on standard streams, contained as a process, with no network, no file but its
 * own folder, and no right to ask the gateway for anything.
 *
 * @throws ManifestError when what is known makes no manifest
 */
export function proposeManifest(program: KnownProgram): string {
  const { name, version, description, license, command, env = {}, secrets = [] } = program;
  const lines = [
    `# Proposed by sigil add for ${oneLine(program.source)}. Add the rights that the program needs, each with its reason; sigil run --learn proposes them.`,
    `name: ${JSON.stringify(name)}`,
    `version: ${JSON.stringify(version)}`,
    "type: tool",
    ...(description === undefined
      ? []
      : [`description: ${JSON.stringify(shortened(description))}`]),
    ...(license === undefined ? [] : [`license: ${JSON.stringify(license)}`]),
    "execution: { tier: process }",
    "adapter: mcp-stdio",
    `entry: { command: ${JSON.stringify(command)} }`,
    ...(Object.keys(env).length === 0 ? [] : [`env: ${JSON.stringify(env)}`]),
    ...(secrets.length === 0 ? [] : [`secrets: ${JSON.stringify(secrets)}`]),
  ];
  const text = `${lines.join("\n")}\n`;
  parseManifest(text);
  return text;
}

/** A plugin name from a name of elsewhere: `@scope/Some_Server` becomes `some-server`. */
export function pluginNameOf(name: string): string {
  const unscoped = name.slice(name.lastIndexOf("/") + 1).toLowerCase();
  return unscoped
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .replaceAll(/^[-0-9]+|-+$/gu, "")
    .slice(0, 64);
}

const oneLine = (text: string): string => text.replaceAll(/[^\x20-\x7E]/gu, "?").slice(0, 200);

const shortened = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim()
    .slice(0, 500);
