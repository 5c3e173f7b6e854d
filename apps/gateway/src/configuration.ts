import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { ManifestError } from "@sigilrt/manifest";
import { nearestWord, parseStrictYaml, type StrictYaml } from "@sigilrt/manifest/yaml";
import type { z } from "zod";
import { ConfigurationError, type ConfigurationIssue } from "./configuration-error.ts";
import type { LimitTable } from "./call-limits.ts";
import { limitTable } from "./limit-table.ts";
import { configurationSchema, keysAt, type WrittenConfiguration } from "./configuration-schema.ts";

/** A plugin that the operator lists; one that is not listed does not run. */
interface ConfiguredPlugin {
  /** Its folder, absolute; the folder's name is the plugin's. */
  readonly path: string;
  /** Whether it starts with the gateway instead of at its first call. */
  readonly eager: boolean;
}

/** What a workspace may use, and how its tools are called there. */
interface Workspace {
  readonly allow: readonly string[];
  readonly aliases: Readonly<Record<string, string>>;
  readonly onlyAliases: boolean;
  readonly separator: "." | "__";
}

/** What a person may use: own permissions and those of the role. */
interface User {
  readonly permissions: readonly string[];
  readonly workspaces: readonly string[];
}

/** Where checkpoints go. */
type Anchor = { readonly file: string } | { readonly command: readonly [string, ...string[]] };

/** A `gateway.yaml` that was checked as a whole; every path is absolute. */
export interface Configuration {
  /** The file it was read from. */
  readonly path: string;
  /** SHA-256 of its text, in hex. */
  readonly digest: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** The operator's page, on this machine alone. */
  readonly page: { readonly enabled: boolean; readonly port: number };
  readonly data: string;
  readonly lock: string;
  readonly consents: string;
  readonly plugins: ReadonlyMap<string, ConfiguredPlugin>;
  readonly workspaces: ReadonlyMap<string, Workspace>;
  readonly users: ReadonlyMap<string, User>;
  readonly audit: {
    readonly durability: "group" | "each" | "none";
    readonly anchors: readonly Anchor[];
  };
  /** What calls are held to. */
  readonly limits: LimitTable;
  readonly runAs: { readonly uid: number; readonly gid: number } | undefined;
  /** Whether plugins' folders are followed; of the command line, not of the file. */
  readonly watch?: boolean;
}

/** Reads `gateway.yaml`. @throws {@link ConfigurationError} with every fault and its place */
export async function readConfiguration(path: string): Promise<Configuration> {
  let text: Uint8Array;
  try {
    text = await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown failure";
    const message = `Cannot read the configuration: ${code}; name the file with --config`;
    throw new ConfigurationError(path, [{ line: 1, column: 1, message }], { cause });
  }
  return parseConfiguration(text, resolve(path));
}

/**
 * Checks the text of a `gateway.yaml`; relative paths start at its folder.
 *
 * @throws {@link ConfigurationError} with every fault and its place
 */
export function parseConfiguration(text: string | Uint8Array, path: string): Configuration {
  const yaml = readText(text, path);
  const parsed = configurationSchema.safeParse(yaml.value);
  if (!parsed.success) {
    throw new ConfigurationError(
      path,
      inOrder(parsed.error.issues.flatMap((issue) => issuesOf(issue, yaml))),
    );
  }
  const issues = crossIssues(parsed.data, yaml);
  if (issues.length > 0) throw new ConfigurationError(path, inOrder(issues));
  const digest = createHash("sha256").update(text).digest("hex");
  return { path, digest, ...build(parsed.data, path) };
}

function readText(text: string | Uint8Array, path: string): StrictYaml {
  try {
    return parseStrictYaml(text);
  } catch (cause) {
    if (!(cause instanceof ManifestError)) throw cause;
    const issues = cause.issues.map(({ line = 1, column = 1, message }) => ({
      line,
      column,
      message,
    }));
    throw new ConfigurationError(path, issues, { cause });
  }
}

type Place = readonly (string | number)[];

function issuesOf(issue: z.core.$ZodIssue, yaml: StrictYaml): readonly ConfigurationIssue[] {
  const at = issue.path.map((part) => (typeof part === "symbol" ? "" : part));
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey([...at, key], yaml));
  }
  if (issue.code === "invalid_key") {
    return issue.issues.map(({ message }) => issueAt(yaml, at, `the name ${message}`, "key"));
  }
  return [issueAt(yaml, at, stateOf(issue))];
}

function stateOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_union")
    return "must be { file: <path> } or { command: [<program>, …] }";
  if (issue.code !== "invalid_type") return issue.message;
  return `must be ${issue.expected === "object" ? "a mapping" : issue.expected}`;
}

function unknownKey(at: Place, yaml: StrictYaml): ConfigurationIssue {
  const meant = nearestWord(String(at.at(-1)), keysAt(at.slice(0, -1)));
  const hint =
    meant === undefined
      ? "no gateway.yaml of this version has it here"
      : `did you mean "${meant}"?`;
  const { line, column } = yaml.locate(at, { at: "key" });
  return { line, column, message: `Cannot use key ${shown(at)}: ${hint}` };
}

function issueAt(
  yaml: StrictYaml,
  at: Place,
  state: string,
  part: "key" | "value" = "value",
): ConfigurationIssue {
  const { line, column } = yaml.locate(at, { at: part });
  return { line, column, message: `Cannot use ${shown(at) || "the file"}: ${state}` };
}

/** What one part of the file says of another. */
function crossIssues(
  { plugins, users, workspaces, roles }: WrittenConfiguration,
  yaml: StrictYaml,
): readonly ConfigurationIssue[] {
  const ofPlugins = Object.entries(plugins)
    .filter(([name, { path }]) => basename(path) !== name)
    .map(([name]) =>
      issueAt(yaml, ["plugins", name, "path"], `must end with the plugin's name, "${name}"`),
    );
  const ofMembers = Object.entries(users).flatMap(([name, user]) =>
    user.workspaces.flatMap((workspace, index) =>
      Object.hasOwn(workspaces, workspace)
        ? []
        : issueAt(yaml, ["users", name, "workspaces", index], "no workspace has this name"),
    ),
  );
  const ofRoles = Object.entries(users)
    .filter(([, { role }]) => role !== undefined && !Object.hasOwn(roles, role))
    .map(([name]) => issueAt(yaml, ["users", name, "role"], "no role has this name"));
  const ofAliases = Object.entries(workspaces).flatMap(([name, { aliases }]) =>
    Object.entries(aliases)
      .filter(([, tool]) => !Object.hasOwn(plugins, tool.slice(0, tool.indexOf("."))))
      .map(([alias]) =>
        issueAt(
          yaml,
          ["workspaces", name, "aliases", alias],
          "no plugin has the name before the dot",
        ),
      ),
  );
  return [...ofPlugins, ...ofMembers, ...ofRoles, ...ofAliases];
}

function build(
  written: WrittenConfiguration,
  path: string,
): Omit<Configuration, "path" | "digest"> {
  const at = (relative: string): string => resolve(dirname(path), relative);
  const { listen, page, plugins, roles, workspaces, users, audit, sandbox } = written;
  return {
    listen,
    page,
    data: at(written.data),
    lock: at(written.lock),
    consents: at(written.consents),
    plugins: new Map(
      Object.entries(plugins).map(([name, { path: folder, eager }]) => [
        name,
        { path: at(folder), eager },
      ]),
    ),
    workspaces: new Map(
      Object.entries(workspaces).map(([name, { allow, aliases, only_aliases, separator }]) => [
        name,
        { allow, aliases, onlyAliases: only_aliases, separator },
      ]),
    ),
    users: new Map(
      Object.entries(users).map(([name, { role, permissions, workspaces: member }]) => [
        name,
        {
          permissions: [...(role === undefined ? [] : (roles[role] ?? [])), ...permissions],
          workspaces: member,
        },
      ]),
    ),
    audit: {
      durability: audit.durability,
      anchors: audit.anchors.map((anchor) => anchorOf(anchor, at)),
    },
    limits: limitTable(written),
    runAs: sandbox.run_as,
  };
}

function anchorOf(
  anchor: WrittenConfiguration["audit"]["anchors"][number],
  at: (relative: string) => string,
): Anchor {
  if ("file" in anchor) return { file: at(anchor.file) };
  const [program = "", ...args] = anchor.command;
  return { command: [program, ...args] };
}

const shown = (at: Place): string => (at.length === 0 ? "" : `"${at.join(".")}"`);

const inOrder = (issues: readonly ConfigurationIssue[]): readonly ConfigurationIssue[] =>
  issues.toSorted((left, right) => left.line - right.line || left.column - right.column);
