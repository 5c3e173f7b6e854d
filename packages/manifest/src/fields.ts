import { checkSafePath } from "@sigilrt/canonical";
import { z } from "zod";
import type { ManifestRule } from "./manifest-error.ts";
import { quote } from "./manifest-error.ts";
import { readDuration, readSize } from "./quantity.ts";

/** A broken rule with its state, in the words of a message, or nothing. */
type Check<T> = (value: T) => readonly [rule: ManifestRule, message: string] | undefined;

/** A text of a bounded length that keeps a rule of its own. */
export function ruledText(max: number, check?: Check<string>): z.ZodString {
  const text = z.string().max(max);
  return check === undefined ? text : text.check(ruled(check));
}

/** A text that is shown to people: one paragraph without characters that steer or hide. */
export const shownText = (max: number): z.ZodString =>
  ruledText(max, (text) =>
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)
      ? ["field.value", `Cannot show ${quote(text)}: a control or invisible character`]
      : undefined,
  );

/** A text that becomes an argument or variable of a program. */
export const programText: z.ZodString = ruledText(4_096, (text) =>
  text.includes("\0") || !text.isWellFormed()
    ? ["field.value", `Cannot pass ${quote(text)} to a program: NUL or half a surrogate pair`]
    : undefined,
);

/** A duration between two bounds in milliseconds, such as `30s`. */
export function durationField(minMs: number, maxMs: number, special?: string): z.ZodString {
  return z.string().check(
    ruled((text) => {
      if (text === special) return undefined;
      const read = readDuration(text);
      if (!read.ok) return [read.rule, read.message];
      return read.value >= minMs && read.value <= maxMs
        ? undefined
        : ["duration.range", `Cannot use ${quote(text)}: from ${minMs} ms to ${maxMs} ms`];
    }),
  );
}

/** A size between two bounds in bytes, such as `256Mi`. */
export function sizeField(
  min: number,
  max: number,
): z.ZodUnion<readonly [z.ZodString, z.ZodNumber]> {
  return z.union([z.string(), z.number()]).check(
    ruled((input) => {
      const read = readSize(input);
      if (!read.ok) return [read.rule, read.message];
      return read.value >= min && read.value <= max
        ? undefined
        : ["size.range", `Cannot use ${quote(String(input))}: from ${min} to ${max} bytes`];
    }),
  );
}

/** A whole number between two bounds. */
export const countField = (min: number, max: number): z.ZodNumber => z.int().min(min).max(max);

/** A path inside the plugin's tree. */
export function treePath(extension = ""): z.ZodString {
  return ruledText(1_024, (path) => {
    const reason = checkSafePath(path);
    if (reason !== undefined) {
      return ["entry.unsafe-path", `Cannot use ${quote(path)} inside the plugin: ${reason}`];
    }
    return path.endsWith(extension)
      ? undefined
      : [
          "entry.unsafe-path",
          `Cannot use ${quote(path)} as a module: it does not end in ${extension}`,
        ];
  });
}

/** A program with its arguments; item 0 is a path inside the tree or the name of a runtime. */
export const commandField = z
  .array(programText)
  .min(1)
  .max(64)
  .check((context) => {
    const [program = ""] = context.value;
    const reason = checkSafePath(program);
    if (reason === undefined) return;
    const message = `Cannot run ${quote(program)}: ${reason}; write a path inside the plugin, node or python3`;
    context.issues.push(issue(context.value, "entry.unsafe-path", message, [0]));
  });

/** A list without an item twice, by the text that names it. */
export function uniqueBy<T>(
  nameOf: (item: T) => string,
): (context: z.core.ParsePayload<readonly T[]>) => void {
  return (context) => {
    const seen = new Map<string, number>();
    for (const [index, item] of context.value.entries()) {
      const name = nameOf(item);
      const first = seen.get(name);
      if (first !== undefined) {
        const message = `Cannot use ${quote(name)} twice: it stands at place ${first} already`;
        context.issues.push(issue(context.value, "field.duplicate", message, [index]));
      }
      seen.set(name, first ?? index);
    }
  };
}

/** A check that reports one broken rule of a value. */
export function ruled<T>(check: Check<T>): (context: z.core.ParsePayload<T>) => void {
  return (context) => {
    const broken = check(context.value);
    if (broken) context.issues.push(issue(context.value, ...broken));
  };
}

/** A zod issue that carries one of our rules. */
function issue(
  input: unknown,
  rule: ManifestRule,
  message: string,
  path: (string | number)[] = [],
): z.core.$ZodRawIssue {
  return { code: "custom", input, message, path, params: { rule } };
}
