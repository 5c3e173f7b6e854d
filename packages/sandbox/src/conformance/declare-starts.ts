import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { expect, it } from "vitest";
import { type Bench } from "./bench.ts";
import { codeOfFailure } from "./code-of-failure.ts";

/** Declares the rows about what a start is given, what it refuses, and what is left when it ends. */
export function declareStarts(bench: () => Bench): void {
  it("8 reads a variable of its launch from any command line: held", async () => {
    await bench().addCode("attack.sh", "#!/bin/sh\ncat /proc/[0-9]*/cmdline; echo end\n");
    const { canary } = bench().target;
    const { stdout } = await bench().run({}, { env: { TOKEN: canary } });
    expect(stdout).toMatch(/end\n$/u);
    expect(stdout).not.toContain(canary);
  });

  it("17 reads, unlinks or renames a masked file: held", async () => {
    const { canary } = bench().target;
    await bench().addCode("hidden", canary);
    await bench().addCode(
      "attack.sh",
      "#!/bin/sh\ncat /plugin/hidden; rm -f /plugin/hidden && echo gone; mv /plugin/hidden /tmp/x && echo moved; cat /tmp/x; echo end\n",
    );
    const { stdout } = await bench().run({ readDeny: ["/plugin/hidden"] });
    expect(stdout).toBe("end\n");
  });

  it("18 has its data folder replaced by a link before the start: refused", async () => {
    const folder = `${bench().target.folder}/replaced`;
    await mkdir(`${folder}-real`);
    await symlink(`${folder}-real`, folder);
    await bench().addCode("attack.sh", "#!/bin/sh\necho ran\n");
    expect(await codeOfFailure(bench().start({ data: folder }))).toBe("PATH_REFUSED");
  });

  it.each(["--help", "--dev-bind", "-c", "a b", "$(id)"])(
    "64 is a program named %s, with an empty argument: taken literally",
    async (name) => {
      await bench().addCode(name, '#!/bin/sh\necho ran "$#" "$1"\n');
      expect((await bench().run({ command: [name, ""] })).stdout).toBe("ran 1 \n");
    },
  );

  it("65 has NUL in an argument, a variable, a path or a host: refused", async () => {
    await bench().addCode("attack.sh", "#!/bin/sh\necho ran\n");
    await expectRefused(async () => bench().start({ command: ["attack.sh", "a\0--bind"] }));
    await expectRefused(async () => bench().start({}, { args: ["a\0--bind"] }));
    await expectRefused(async () => bench().start({}, { env: { TOKEN: "a\0--bind" } }));
    await expectRefused(async () => bench().start({ grants: ["filesystem.read./srv\0/*"] }));
    await expectRefused(async () => bench().start({ grants: ["net.connect.a\0.example.org:443"] }));
  });

  it("67 forks twice, leaves its session, ignores SIGTERM, and is closed: nothing is left", async () => {
    const mark = `mark-${randomUUID()}`;
    await bench().addCode(
      "stay.sh",
      "#!/bin/sh\ntrap '' TERM HUP INT\n(setsid sh -c \"trap '' TERM; while :; do sleep 1; done # $1\" &)\necho up\nwhile :; do sleep 1; done\n",
    );
    const started = await bench().start({ command: ["stay.sh", mark] });
    await once(started.stdout, "data");
    await started.terminate();
    expect(liveWith(mark)).toBeGreaterThan(1);
    await started.close();
    expect(liveWith(mark)).toBe(0);
    expect((await started.exited).reason).toBe("closed");
  });

  it("68 keeps a file in its home and runs a program of its data: allowed", async () => {
    await bench().addCode(
      "attack.sh",
      "#!/bin/sh\ncd /data/plugins/self; echo own > ~/note; cat ~/note; printf '#!/bin/sh\\necho ran\\n' > p; chmod +x p; ./p; rm p\n",
    );
    expect((await bench().run({})).stdout).toBe("own\nran\n");
  });
}

async function expectRefused(attempt: () => Promise<unknown>): Promise<void> {
  expect(await codeOfFailure(attempt())).toMatch(/_REFUSED$/u);
}

/** How many processes of this machine have `mark` on their command line, zombies left out. */
function liveWith(mark: string): number {
  return readdirSync("/proc").filter(
    (pid) =>
      /^[0-9]+$/u.test(pid) &&
      read(`/proc/${pid}/cmdline`).includes(mark) &&
      !/^State:\s+Z/mu.test(read(`/proc/${pid}/status`)),
  ).length;
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
