import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseManifest } from "@sigilrt/manifest";
import { readSubject } from "../command-line.ts";
import type { Composition, PluginDesk } from "../composition.ts";
import { pluginOf } from "../plugin-name.ts";
import { UsageError } from "../usage-error.ts";
import type { Terminal } from "../terminal.ts";
import { addVerb } from "./add-verb.ts";
import { configOf, deskOf } from "./desk-of.ts";
import { approveVerb, rejectVerb } from "./approve-verb.ts";
import type { SecretChange } from "../secrets/secret-keeper.ts";
import { keeperOf, readSecretValue, secretNameOf } from "../secrets/secret-verbs.ts";
import { type Candidate, candidateOf } from "./look.ts";
import { lockInit, lockUpdate, lockVerify } from "./lock-verbs.ts";
import { reviewVerb } from "./review-verb.ts";
import { runCommand } from "./run-command.ts";

const common = { config: { type: "string" }, json: { type: "boolean" } } as const;

/** Runs one of the verbs on plugins, for which no gateway has to run. */
export function runPluginVerb(
  verb: "add" | "review" | "approve" | "reject" | "lock" | "run",
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  switch (verb) {
    case "add":
      return add(argv, composition, terminal);
    case "review":
      return review(argv, composition, terminal);
    case "approve":
      return approve(argv, composition, terminal);
    case "reject":
      return reject(argv, composition, terminal);
    case "lock":
      return lock(argv, composition, terminal);
    case "run":
      return runCommand(argv, composition, terminal);
    default:
      return verb satisfies never;
  }
}

async function add(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const end = argv.indexOf("--");
  const [own, args] = end === -1 ? [argv, []] : [argv.slice(0, end), argv.slice(end + 1)];
  const { config, json, subject, name, bin, set } = readSubject("add", own, "a source", {
    ...common,
    name: { type: "string" },
    bin: { type: "string" },
    set: { type: "string", multiple: true },
  });
  const place = await deskOf(composition).place(configOf(config, composition));
  const options = {
    ...(name === undefined ? {} : { name }),
    ...(bin === undefined ? {} : { bin }),
    settings: settingsOf(set ?? []),
    args,
    json: json === true,
  };
  return addVerb(place, subject, options, terminal);
}

async function review(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const options = { ...common, "with-rights": { type: "boolean" } } as const;
  const { config, json, subject, ...given } = readSubject("review", argv, "a plugin", options);
  const name = pluginOf(subject);
  const path = configOf(config, composition);
  const rights = given["with-rights"] === true ? "declared" : "none";
  return reviewVerb(
    await deskOf(composition).place(path),
    name,
    { rights, json: json === true },
    (tree, granted) => deskOf(composition).examine(path, tree, granted),
    terminal,
  );
}

async function approve(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const options = {
    ...common,
    digest: { type: "string" },
    user: { type: "string" },
    secret: { type: "string" },
  } as const;
  const given = readSubject("approve", argv, "a plugin", options);
  const { config, json, subject, digest, user } = given;
  if (digest === undefined || user === undefined) {
    throw new UsageError("Cannot run approve: it needs --digest, as review prints it, and --user");
  }
  const name = pluginOf(subject);
  const person = personOf(user);
  const path = configOf(config, composition);
  const place = await deskOf(composition).place(path);
  const secret =
    given.secret === undefined
      ? undefined
      : await supplyOf(secretNameOf(given.secret), await candidateOf(place, name), terminal);
  return approveVerb(
    place,
    name,
    { digest, user: person, json: json === true },
    {
      ...(secret ? { supply: () => keeperOf(composition).change(path, secret) } : {}),
      record: (records) => deskOf(composition).record(path, records),
      list: (plugin, folder) => deskOf(composition).list(path, plugin, folder),
      approved: (plugin) => deskOf(composition).approved(path, plugin),
    },
    terminal,
  );
}

/** The value is read first: an approval without it would start a plugin that cannot work. */
async function supplyOf(
  name: string,
  { name: plugin, tree }: Candidate,
  terminal: Terminal,
): Promise<SecretChange> {
  const { secrets } = parseManifest(await readFile(join(tree, "plugin.yaml")));
  if (!secrets.some((secret) => secret.name === name)) {
    const names = secrets.map((secret) => secret.name).join(", ") || "none";
    throw new UsageError(
      `Cannot use --secret ${name}: "${plugin}" declares no such secret; it declares ${names}`,
    );
  }
  return { plugin, name, value: await readSecretValue(`secret "${name}"`, terminal) };
}

async function reject(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const options = { ...common, user: { type: "string" } } as const;
  const { config, json, subject, user } = readSubject("reject", argv, "a plugin", options);
  if (user === undefined) throw new UsageError("Cannot run reject: it needs --user");
  const name = pluginOf(subject);
  const person = personOf(user);
  const path = configOf(config, composition);
  return rejectVerb(
    await deskOf(composition).place(path),
    name,
    { user: person, json: json === true },
    { record: (records) => deskOf(composition).record(path, records) },
    terminal,
  );
}

async function lock(
  argv: readonly string[],
  composition: Composition,
  terminal: Terminal,
): Promise<number> {
  const what = "init, update, verify or migrate";
  const options = { ...common, base: { type: "string" } } as const;
  const { config, json, subject, base } = readSubject("lock", argv, what, options);
  const path = configOf(config, composition);
  const place = await deskOf(composition).place(path);
  const examine = (tree: string, rights: "none" | "declared"): ReturnType<PluginDesk["examine"]> =>
    deskOf(composition).examine(path, tree, rights);
  if (base !== undefined && subject !== "verify") {
    throw new UsageError("Cannot run lock: --base goes with verify");
  }
  switch (subject) {
    case "init":
      return lockInit(place, { json: json === true }, terminal);
    case "verify": {
      const compared =
        base === undefined ? {} : { base: await deskOf(composition).place(resolve(base)) };
      const given = { json: json === true, engine: composition.version, ...compared };
      return lockVerify(place, given, terminal);
    }
    case "update":
      return lockUpdate(place, { json: json === true, from: 1 }, examine, terminal);
    case "migrate":
      return lockUpdate(place, { json: json === true, from: 0 }, examine, terminal);
    default:
      throw new UsageError(`Cannot run "lock ${subject}": after lock comes ${what}`);
  }
}

/** Who agrees stands in the consents and in the audit for good. */
function personOf(text: string): string {
  if (text.length > 0 && text.length <= 256 && !/\p{Cc}/u.test(text)) return text;
  throw new UsageError("Cannot use --user: from 1 to 256 characters, none of them a control");
}

function settingsOf(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf("=");
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new UsageError(`Cannot read --set "${text}": write it as name=value`);
    }),
  );
}
