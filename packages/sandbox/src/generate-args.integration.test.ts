import { spawnSync } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { generateArgs, type SandboxManifest } from "./generate-args.ts";
import { plugin } from "./testing/confined.ts";
import { codeOf } from "./testing/thrown.ts";

type Sandbox = NonNullable<SandboxManifest["execution"]["sandbox"]>;

describeWith(["bwrap", "prlimit"], "the arguments of generateArgs, run as they stand,", () => {
  let root: string;
  let program: string;
  beforeAll(async () => {
    root = await mkdtemp(`${await realpath(tmpdir())}/args-`);
    await chmod(root, 0o711);
    program = `${root}/main`;
  });
  afterAll(() => rm(root, { recursive: true }));

  const run = async (
    script: string,
    sandbox: Sandbox = {},
    capabilities: readonly string[] = [],
  ) => {
    await writeFile(program, `#!/bin/sh\n${script}\n`);
    await chmod(program, 0o755);
    const manifest = {
      name: "echo",
      execution: { tier: "process", sandbox },
      capabilities,
    } as const;
    const [command = "", ...args] = generateArgs(manifest, program) ?? [];
    const { status, stdout } = spawnSync(command, args, {
      ...plugin,
      env: {},
      cwd: "/",
      encoding: "utf8",
    });
    return { status, stdout };
  };
  const folder = async (name: string): Promise<string> => {
    await mkdir(`${root}/${name}`, { recursive: true });
    await chown(`${root}/${name}`, plugin.uid, plugin.gid);
    return `${root}/${name}`;
  };

  it("start a tiny program", async () => {
    expect(await run("echo started; exit 3")).toEqual({ status: 3, stdout: "started\n" });
  });

  it("start the example with read_deny: [/etc/shadow, ~/.ssh/*]", async () => {
    const filesystem = { readDeny: ["/etc/shadow", "~/.ssh/*"] };
    expect(await run("echo started; cat /etc/shadow", { filesystem })).toMatchObject({
      stdout: "started\n",
    });
  });

  it("give no interface but loopback, with network entries as without", async () => {
    const script = "while read -r name _; do echo $name; done < /proc/net/dev";
    const network = { allow: ["api.example.org:443"] };
    for (const sandbox of [{}, { network }]) {
      // oxlint-disable-next-line no-await-in-loop -- one program file
      const { stdout } = await run(script, sandbox);
      expect(stdout.split("\n").filter((line) => line.endsWith(":"))).toEqual(["lo:"]);
    }
  });

  it("deny a file and a folder inside a writable grant, both unreadable and unwritable", async () => {
    const out = await folder("out");
    await folder("out/private");
    await Promise.all(
      [`${out}/secret`, `${out}/private/secret`].map((path) => writeFile(path, "canary")),
    );
    await Promise.all([chmod(`${out}/secret`, 0o666), chmod(`${out}/private`, 0o777)]);
    const filesystem = {
      writeAllow: [`${out}/*`],
      readDeny: [`${out}/secret`, `${out}/private/*`],
    };
    const script = [
      `read -r line < ${out}/secret && echo "$line"`,
      `echo x > ${out}/secret && echo written`,
      `for f in ${out}/private/*; do [ -e "$f" ] && echo "$f"; done`,
      `echo x > ${out}/private/new && echo written`,
      `echo y > ${out}/own && echo own`,
    ].join("\n");
    expect((await run(script, { filesystem })).stdout).toBe("own\n");
  });

  it("are refused where a hidden path is not there yet and the plugin could create it", async () => {
    const out = await folder("later");
    const filesystem = { writeAllow: [`${out}/*`], readDeny: [`${out}/later`] };
    const manifest = {
      name: "echo",
      execution: { tier: "process", sandbox: { filesystem } },
    } as const;
    expect(codeOf(() => generateArgs(manifest, program))).toBe("PATH_REFUSED");
  });

  it("show a grant below /tmp, which the private /tmp must not hide", async () => {
    const read = await folder("read");
    await writeFile(`${read}/note`, "shown\n");
    await chmod(`${read}/note`, 0o644);
    const { stdout } = await run(`cat ${read}/note`, {}, [
      `filesystem.read.${read}/*`,
      "exec.run./usr/bin/cat",
    ]);
    expect(stdout).toBe("shown\n");
  });
});
