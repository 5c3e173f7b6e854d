import { parseArgs, type ParseArgsConfig } from "node:util";
import { UsageError } from "./usage-error.ts";

/** Reads the options of a verb. @throws {@link UsageError} for one that it does not have */
export function read<T extends NonNullable<ParseArgsConfig["options"]>>(
  argv: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ options: T; strict: true; allowPositionals: false }>>["values"] {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    const state = cause instanceof Error ? cause.message : "malformed";
    throw new UsageError(`Cannot read the command line: ${state}`, { cause });
  }
}

/** Reads a time. @throws {@link UsageError} */
export function instantOf(text: string): string {
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw new UsageError(`Cannot read "${text}" as a time: write it as 2026-01-02T03:04:05Z`);
  return new Date(at).toISOString();
}
