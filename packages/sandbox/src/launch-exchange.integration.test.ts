import { execFileSync } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { describeWith } from "@sigilrt/testing";
import { expect, it } from "vitest";
import { compilePolicy } from "./policy.ts";
import { createSandbox } from "./sandbox.ts";
import { openConfined } from "./testing/confined.ts";
import { request } from "./testing/requests.ts";

const has = (): boolean => execFileSync("bwrap", ["--help"]).includes("--ro-bind-fd");

describeWith(
  ["bwrap", "prlimit"],
  "a source that somebody exchanges behind the last look at it",
  () => {
    it.runIf(has())("is not shown: the program sees what was looked at", async () => {
      await using confined = await openConfined();
      const place = await confined.addFolder("place");
      for (const name of ["granted", "decoy"]) {
        // oxlint-disable-next-line no-await-in-loop -- two
        await mkdir(`${place}/${name}`);
        // oxlint-disable-next-line no-await-in-loop -- as above
        await writeFile(`${place}/${name}/which`, `${name}\n`);
      }
      // Stands for the launcher, and for someone who is faster: it exchanges the folder, then starts the launcher.
      const launcher = `${confined.root}/launcher`;
      await writeFile(
        launcher,
        `#!/bin/sh
if [ -e ${place}/now ]; then mv ${place}/granted ${place}/was && mv ${place}/decoy ${place}/granted; fi
exec /usr/bin/env -i /usr/bin/bwrap "$@"
`,
      );
      await chmod(launcher, 0o755);
      await using sandbox = await createSandbox({
        ...confined.options,
        runtimeDirectory: `${confined.root}/other`,
        bwrap: launcher,
      });
      await confined.addCode("which.sh", `#!/bin/sh\ncat ${place}/granted/which\n`);
      await writeFile(`${place}/now`, "");
      const started = await sandbox.launch(
        compilePolicy(
          request({
            code: confined.code,
            command: ["which.sh"],
            grants: ["exec.*", `filesystem.read.${place}/granted/*`],
          }),
        ),
      );
      expect(await text(started.stdout)).toBe("granted\n");
      await started.close();
      expect(execFileSync("cat", [`${place}/granted/which`], { encoding: "utf8" })).toBe("decoy\n");
    });
  },
);
