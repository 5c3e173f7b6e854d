import type { SelfTestStep } from "@sigilrt/bundle";
import { readSubject } from "../command-line.ts";
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

const common = { json: { type: "boolean" } } as const;
const text = { type: "string" } as const;
const texts = { type: "string", multiple: true } as const;

async function pack(argv: readonly string[], terminal: Terminal): Promise<number> {
  const options = { ...common, out: text, compression: text, allow: texts };
  const {
    subject,
    out,
    compression = "store",
    allow = [],
    json,
  } = readSubject("bundle pack", argv, "a folder", options);
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
  } = readSubject("bundle inspect", argv, "a file", {
    ...common,
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
  const { subject, to, json } = readSubject("bundle extract", argv, "a file", {
    ...common,
    to: text,
  });
  if (to === undefined) throw new UsageError("Cannot run bundle extract: it needs --to <folder>");
  return extractVerb(subject, { to, json: json === true }, terminal);
}

async function test(argv: readonly string[], terminal: Terminal): Promise<number> {
  const options = { ...common, steps: text, lock: text, evidence: text };
  const { subject, steps, lock, evidence, json } = readSubject(
    "bundle test",
    argv,
    "a file",
    options,
  );
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
