import { parseArgs, type ParseArgsConfig } from "node:util";
import type { SelfTestStep } from "@sigilrt/bundle";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { extractVerb, inspectVerb } from "./inspect-verb.ts";
import { packVerb } from "./pack-verb.ts";
import { testVerb } from "./test-verb.ts";

/** Runs a verb on a bundle. None of them needs a gateway, a lock or a configuration. */
export function runBundleVerb(
  verb: string,
  argv: readonly string[],
  terminal: Terminal,
): Promise<number> {
  switch (verb) {
    case "pack":
      return pack(argv, terminal);
    case "inspect":
      return inspect(argv, terminal);
    case "extract":
      return extract(argv, terminal);
    case "test":
      return test(argv, terminal);
    default:
      throw new UsageError(
        `Cannot run "bundle ${verb}": after bundle comes pack, inspect, extract or test`,
      );
  }
}

const text = { type: "string" } as const;
const texts = { type: "string", multiple: true } as const;

async function pack(argv: readonly string[], terminal: Terminal): Promise<number> {
  const options = { out: text, compression: text, allow: texts };
  const { subject, out, compression = "store", allow = [], json } = read("pack", argv, options);
  if (out === undefined) throw new UsageError("Cannot run bundle pack: it needs --out <file>");
  if (compression !== "store" && compression !== "deflate") {
    throw new UsageError(`Cannot pack with --compression "${compression}": store or deflate`);
  }
  return packVerb(subject, { out, compression, allow, json: json === true }, terminal);
}

async function inspect(argv: readonly string[], terminal: Terminal): Promise<number> {
  const {
    subject,
    signer,
    require: required,
    json,
  } = read("inspect", argv, {
    signer: texts,
    require: texts,
  });
  const options = {
    ...(signer ? { signers: signer } : {}),
    ...(required ? { required } : {}),
    json: json === true,
  };
  return inspectVerb(subject, options, terminal);
}

async function extract(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { subject, to, json } = read("extract", argv, { to: text });
  if (to === undefined) throw new UsageError("Cannot run bundle extract: it needs --to <folder>");
  return extractVerb(subject, { to, json: json === true }, terminal);
}

async function test(argv: readonly string[], terminal: Terminal): Promise<number> {
  const options = { steps: text, lock: text, evidence: text };
  const { subject, steps, lock, evidence, json } = read("test", argv, options);
  return testVerb(
    subject,
    {
      ...(steps === undefined ? {} : { steps: stepsOf(steps) }),
      ...(lock === undefined ? {} : { lock }),
      ...(evidence === undefined ? {} : { evidence }),
      json: json === true,
    },
    terminal,
  );
}

const stepsOf = (given: string): readonly SelfTestStep[] =>
  given.split(",").map((step) => {
    if (step === "imports" || step === "tests") return step;
    throw new UsageError(`Cannot run step "${step}": it is imports, tests, or both with a comma`);
  });

/** Reads one subject and the options of a verb. @throws {@link UsageError} for anything else */
function read<T extends NonNullable<ParseArgsConfig["options"]>>(
  verb: string,
  argv: readonly string[],
  options: T,
): ReturnType<
  typeof parseArgs<{ options: T & { json: { type: "boolean" } }; strict: true }>
>["values"] & { readonly subject: string } {
  const parsed = parse(argv, { ...options, json: { type: "boolean" } as const });
  const [subject, more] = parsed.positionals;
  if (subject === undefined || more !== undefined) {
    throw new UsageError(`Cannot run bundle ${verb}: it takes one file or folder`);
  }
  return { ...parsed.values, subject };
}

function parse<T extends NonNullable<ParseArgsConfig["options"]>>(
  argv: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ options: T; strict: true; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true });
  } catch (cause) {
    const state = cause instanceof Error ? cause.message : "malformed";
    throw new UsageError(`Cannot read the command line: ${state}`, { cause });
  }
}
