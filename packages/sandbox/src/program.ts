import { quoted } from "./quoted.ts";
import { SandboxError } from "./sandbox-error.ts";

const maxItems = 4_096;
const maxItemBytes = 131_072;
const maxTotalBytes = 1_048_576;

/**
 * Answers a copy of a program and its arguments. Item 0 is a safe relative path, which a runtime's name is too.
 * @throws {SandboxError} PATH_REFUSED for item 0, POLICY_REFUSED for an argument
 */
export function checkCommand(
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] {
  const [program, ...rest] = command;
  checkProgram(program);
  return [program, ...checkArguments(rest)];
}

/** Answers a copy of arguments. An empty string is a value. @throws {SandboxError} POLICY_REFUSED */
export function checkArguments(values: readonly string[]): readonly string[] {
  if (values.length > maxItems) refuseArgument(`${values.length} items; at most ${maxItems}`);
  let bytes = 0;
  for (const value of values) {
    if (typeof value !== "string") refuseArgument("one is no string");
    // A NUL would cut the argument short where it is handed to the kernel.
    if (value.includes("\0")) refuseArgument(`${quoted(value)} holds a NUL`);
    if (!value.isWellFormed()) refuseArgument(`${quoted(value)} holds a lone surrogate`);
    const size = Buffer.byteLength(value);
    if (size >= maxItemBytes) refuseArgument(`one is over ${maxItemBytes} bytes`);
    bytes += size + 1;
  }
  if (bytes > maxTotalBytes) refuseArgument(`${bytes} bytes; at most ${maxTotalBytes}`);
  return [...values];
}

function checkProgram(program: unknown): void {
  const isPath =
    typeof program === "string" &&
    program.length <= 4_096 &&
    program.isWellFormed() &&
    program === program.normalize("NFC") &&
    !/\p{Cc}/u.test(program) &&
    program.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
  if (isPath) return;
  const shown = typeof program === "string" ? quoted(program) : typeof program;
  throw new SandboxError(
    "PATH_REFUSED",
    `Cannot run the program ${shown}: not a relative path inside the code and no runtime's name`,
  );
}

function refuseArgument(fault: string): never {
  throw new SandboxError("POLICY_REFUSED", `Cannot pass on the arguments: ${fault}`);
}
