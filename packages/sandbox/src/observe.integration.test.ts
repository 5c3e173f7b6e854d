import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { describeWith } from "@sigilrt/testing";
import { beforeAll, expect, it } from "vitest";
import { type Observation } from "./observation.ts";
import { compilePolicy } from "./policy.ts";
import { createSandbox } from "./sandbox.ts";
import { type Confined, openConfined } from "./testing/confined.ts";
import { request } from "./testing/requests.ts";

describeWith(["bwrap", "prlimit", "strace"], "an observed launch", () => {
  let confined: Confined;
  let shelf: string;
  beforeAll(async () => {
    confined = await openConfined({ onEgress: () => Promise.resolve() });
    // Outside the temporary folder, of which the sandbox has its own.
    shelf = await mkdtemp("/var/tmp/observed-");
    await chmod(shelf, 0o755);
    await mkdir(`${shelf}/folder`);
    await writeFile(`${shelf}/a.txt`, "a");
    await writeFile(`${shelf}/granted.txt`, "granted");
    return async () => {
      await confined[Symbol.asyncDispose]();
      await rm(shelf, { recursive: true });
    };
  });

  async function observed(
    script: string,
    changes: Parameters<Confined["node"]>[1] = {},
  ): Promise<{ stdout: string; seen: Observation[] }> {
    const seen: Observation[] = [];
    const { stdout } = await confined.node(script, changes, {
      observe: (observation) => seen.push(observation),
    });
    return { stdout, seen };
  }

  it("tells of each file, folder and program that the host has and the policy lacks, once, and of nothing else", async () => {
    const { seen } = await observed(`
      import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
      import { spawnSync } from "node:child_process";
      const attempt = (act) => { try { act(); } catch {} };
      for (const name of ["a.txt", "a.txt", "lacks.txt"]) attempt(() => readFileSync("${shelf}/" + name));
      attempt(() => readdirSync("${shelf}/folder"));
      attempt(() => writeFileSync("${shelf}/folder/new.txt", "new"));
      attempt(() => writeFileSync("/data/plugins/self/own.txt", "own"));
      attempt(() => readFileSync("/plugin/lacks.js"));
      existsSync("/etc/shadow");
      spawnSync("git", ["--version"]);
    `);

    expect(seen).toEqual([
      { kind: "path", intent: "read", path: `${shelf}/a.txt`, found: "file" },
      { kind: "path", intent: "read", path: `${shelf}/folder`, found: "directory" },
      { kind: "path", intent: "write", path: `${shelf}/folder/new.txt`, found: "nothing" },
      { kind: "path", intent: "look", path: "/etc/shadow", found: "file" },
      { kind: "path", intent: "run", path: "/usr/bin/git", found: "file" },
    ]);
  });

  it("tells of destinations asked of the proxy and of addresses tried past it", async () => {
    const { seen } = await observed(`
      import { connect } from "node:net";
      import { once } from "node:events";
      await fetch("http://api.example.org/").catch(() => undefined);
      await fetch("https://api.example.org:8443/").catch(() => undefined);
      await once(connect(443, "192.0.2.1"), "error").catch(() => undefined);
    `);

    expect(seen).toEqual([
      { kind: "destination", host: "api.example.org", port: 80 },
      { kind: "destination", host: "api.example.org", port: 8443 },
      { kind: "direct", address: "192.0.2.1", port: 443 },
    ]);
  });

  it("leaves the program as confined as it was, and with what it was granted", async () => {
    const { stdout, seen } = await observed(
      `
      import { readFileSync } from "node:fs";
      for (const path of ["${shelf}/granted.txt", "${shelf}/a.txt"]) {
        try { console.log(readFileSync(path, "utf8")); } catch (error) { console.log(error.code); }
      }
      console.log(/Seccomp:\\t(\\d)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
      console.log(await fetch("http://api.example.org/").then(() => "reached", () => "refused"));
    `,
      { grants: [`filesystem.read.${shelf}/granted.txt`] },
    );

    expect(stdout.trim().split("\n")).toEqual(["granted", "ENOENT", "2", "refused"]);
    expect(seen).toContainEqual(expect.objectContaining({ path: `${shelf}/a.txt` }));
    expect(seen).not.toContainEqual(expect.objectContaining({ path: `${shelf}/granted.txt` }));
  });

  it("is not misled by a name that looks like a line of the trace", async () => {
    const name = 'x") = -1 ENOENT (No such file)\nopenat(AT_FDCWD, "/etc/passwd", O_RDONLY) = -1';
    const { seen } = await observed(`
      import { readFileSync } from "node:fs";
      try { readFileSync(${JSON.stringify(`${shelf}/${name}`)}); } catch {}
    `);

    expect(seen).toEqual([]);
  });

  it("stops telling of a program that tries more than a person could judge, and says so", async () => {
    const { seen } = await observed(`
      import { connect } from "node:net";
      const tried = Array.from({ length: 5_000 }, (_, index) => new Promise((resolve) => {
        const socket = connect(1_000 + index, "192.0.2.1");
        socket.on("error", resolve);
      }));
      await Promise.all(tried);
    `);

    expect(seen.filter(({ kind }) => kind === "direct")).toHaveLength(4_096);
    expect(seen.at(-1)).toMatchObject({ kind: "incomplete" });
  });

  it("goes on when its observer throws", async () => {
    const outcome = await confined.node(
      `import { existsSync } from "node:fs"; existsSync("/etc/shadow"); console.log("done");`,
      {},
      {
        observe() {
          throw new Error("not now");
        },
      },
    );

    expect(outcome.stdout).toBe("done\n");
  });

  it("refuses without the tracer, and says how to get it", async () => {
    await using sandbox = await createSandbox({ ...confined.options, strace: "/nowhere/strace" });
    await confined.addCode("program", "#!/bin/sh\necho ran\n");
    const { code, data } = confined;
    const policy = compilePolicy(request({ code, data, command: ["program"] }));

    await expect(sandbox.launch(policy, { observe: () => undefined })).rejects.toMatchObject({
      code: "TOOL_MISSING",
      remedy: "Install it: apt-get install -y --no-install-recommends strace",
    });
    const plain = await sandbox.launch(policy);
    expect(await text(plain.stdout)).toBe("ran\n");
    expect(sandbox.report.probes).toContainEqual(
      expect.objectContaining({ name: "strace", status: "degraded" }),
    );
  });

  it("starts nothing when the tracer cannot follow it, and says what it said", async () => {
    // Ends at once, as a tracer does that the kernel refuses.
    await using sandbox = await createSandbox({ ...confined.options, strace: "/usr/bin/false" });
    const { code, data } = confined;
    await confined.addCode("marks", "#!/bin/sh\n: > /data/plugins/self/ran\n");
    const policy = compilePolicy(request({ code, data, command: ["marks"] }));
    await expect(sandbox.launch(policy, { observe: () => undefined })).rejects.toMatchObject({
      code: "LAUNCH_FAILED",
      message: expect.stringContaining("Cannot observe the program"),
      remedy: expect.stringContaining("ptrace_scope"),
    });
    expect(existsSync(`${data}/ran`)).toBe(false);
  });
});
