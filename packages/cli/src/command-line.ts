import { parseArgs, type ParseArgsConfig } from "node:util";
import { UsageError } from "./usage-error.ts";

/** Reads the options of a verb. @throws {@link UsageError} for one that it does not have */
export function read<T extends NonNullable<ParseArgsConfig["options"]>>(
  argv: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ options: T; strict: true; allowPositionals: false }>>["values"] {
  return parse(argv, options, false).values;
}

/** Reads the one thing that a verb is about, and its options. @throws {@link UsageError} for none, for several, or for an unknown option */
export function readSubject<T extends NonNullable<ParseArgsConfig["options"]>>(
  verb: string,
  argv: readonly string[],
  what: string,
  options: T,
): ReturnType<typeof parseArgs<{ options: T; strict: true; allowPositionals: true }>>["values"] & {
  readonly subject: string;
} {
  const { values, positionals } = parse(argv, options, true);
  const [subject, more] = positionals;
  if (subject !== undefined && more === undefined) return { ...values, subject };
  throw new UsageError(`Cannot run ${verb}: it takes ${what}, and one alone`);
}

/** Reads a time. @throws {@link UsageError} */
export function instantOf(text: string): string {
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw new UsageError(`Cannot read "${text}" as a time: write it as 2026-01-02T03:04:05Z`);
  return new Date(at).toISOString();
}

function parse<T extends NonNullable<ParseArgsConfig["options"]>, P extends boolean>(
  argv: readonly string[],
  options: T,
  allowPositionals: P,
): ReturnType<typeof parseArgs<{ options: T; strict: true; allowPositionals: P }>> {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals });
  } catch (cause) {
    const state = cause instanceof Error ? cause.message : "malformed";
    throw new UsageError(`Cannot read the command line: ${state}`, { cause });
  }
}
