// A host that inherited open descriptors and starts a plugin that tries to read from each. Started by a test.
import { SandboxError } from "../sandbox-error.ts";
import { openConfined } from "./confined.ts";
import { leakedNumbers } from "./leaked.ts";

const script = [
  'for fd in /proc/self/fd/*; do cat "$fd" </dev/null; done',
  "ls -l /proc/self/fd",
  "for fd in 3 4 5 6 7 8 9; do (cat <&$fd) 2>/dev/null; done",
  "echo end",
].join("\n");

console.log("leaked", leakedNumbers().join());
try {
  const confined = await openConfined();
  const { stdout } = await confined.shell(script, { grants: ["exec.*"] });
  console.log(stdout);
  for (const { kind } of confined.violations) console.log("told", kind);
  await confined[Symbol.asyncDispose]();
} catch (error) {
  if (!(error instanceof SandboxError)) throw error;
  console.log("refused", error.code);
}
