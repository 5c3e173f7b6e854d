// A host that inherited open descriptors and starts a plugin that tries to read from each. Started by a test.
import { openConfined } from "./confined.ts";

const confined = await openConfined();
const { stdout } = await confined.shell(
  'for fd in 3 4 5 6 7 8 9; do (cat <&$fd) 2>/dev/null; done; for fd in /proc/self/fd/*; do cat "$fd" </dev/null; done; ls -l /proc/self/fd; echo end',
  { grants: ["exec.*"] },
);
console.log(stdout);
console.log(confined.violations.map(({ kind }) => kind).join());
await confined[Symbol.asyncDispose]();
