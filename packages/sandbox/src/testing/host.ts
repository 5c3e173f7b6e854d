// A host that starts a plugin which forks away, says so, and waits to be killed. Started by a test.
import { once } from "node:events";
import { openConfined } from "./confined.ts";

const [, , mark = ""] = process.argv;
const confined = await openConfined();
await confined.addCode(
  "stay.sh",
  `#!/bin/sh
trap '' TERM HUP
(setsid sh -c "trap '' TERM HUP; while :; do sleep 1; done # $1" &)
echo up
while :; do sleep 1; done
`,
);
const started = await confined.start({ command: ["stay.sh", mark], grants: ["exec.*"] });
await once(started.stdout, "data");
process.stdout.write(`${confined.root}\n`);
await started.exited;
