import { read } from "./command-line.ts";
import type { Composition, StdioOwner } from "./composition.ts";
import { EXIT } from "./exit-code.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** What a new gateway consists of. */
export interface NewGateway extends StdioOwner {
  /** The configuration that was written. */
  readonly config: string;
  /** The folder of audit, keys and tokens. */
  readonly data: string;
  /** The lock file, empty. */
  readonly lock: string;
  /** The first token, which is shown this once. */
  readonly token: string;
}

/** Writes a gateway where there is none. */
export async function initVerb(
  argv: readonly string[],
  composition: Composition,
  { out, err }: Terminal,
): Promise<number> {
  const { config, json, user, workspace } = read(argv, {
    config: { type: "string" },
    json: { type: "boolean" },
    user: { type: "string" },
    workspace: { type: "string" },
  });
  if (!composition.init) throw new Error("Cannot make a gateway: this command belongs to none");
  const owner = {
    user: idOf("user", user ?? "me"),
    workspace: idOf("workspace", workspace ?? "home"),
  };
  const path = config ?? composition.defaultConfiguration;
  const made = await composition.init(path, owner);
  if (json === true) {
    out(JSON.stringify(made));
    return EXIT.ok;
  }
  out(made.token);
  err(`wrote ${made.config}: one workspace, ${made.workspace}, for ${made.user}; no plugin yet`);
  err(`      ${made.lock} and ${made.data}, with its keys`);
  err("The line on standard output is your token. It is shown this once; only its hash is kept.");
  err(`Next: sigil add npm:<name>@<version>${config === undefined ? "" : ` --config ${path}`}`);
  return EXIT.ok;
}

function idOf(what: string, text: string): string {
  if (/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/u.test(text) && text.length <= 64) return text;
  throw new UsageError(
    `Cannot use --${what} "${text}": lower-case letters, digits and single hyphens, beginning with a letter`,
  );
}
