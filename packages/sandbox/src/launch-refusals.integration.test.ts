import { once } from "node:events";
import { chmod, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compilePolicy, type PolicyRequest } from "./policy.ts";
import { type Confined, openConfined } from "./testing/confined.ts";
import { type LaunchOptions } from "./sandboxed-process.ts";
import { request } from "./testing/requests.ts";
import { codeOfAsync } from "./testing/thrown.ts";

describeWith(["bwrap", "prlimit"], "launch refuses", () => {
  let confined: Confined;
  beforeAll(async () => {
    confined = await openConfined();
  });
  afterAll(() => confined[Symbol.asyncDispose]());

  const launch = (changes: Partial<PolicyRequest>, options: LaunchOptions = {}) =>
    codeOfAsync(confined.start(changes, options));

  it("a policy with a destination when nobody would be told of connections", async () => {
    expect(await launch({ grants: ["net.connect.api.example.org:443"] })).toBe("POLICY_REFUSED");
  });

  it("a policy that was changed after compiling, or compiled for another platform", async () => {
    const policy = compilePolicy(request({ code: confined.code }));
    const changed = { ...policy, mounts: [...policy.mounts, ...policy.mounts] };
    expect(await codeOfAsync(confined.sandbox.launch(changed))).toBe("POLICY_REFUSED");
    expect(await launch({ platform: "darwin" })).toBe("POLICY_REFUSED");
  });

  it("a folder where one file was granted", async () => {
    const folder = await confined.addFolder("a-folder");
    expect(await launch({ grants: [`filesystem.read.${folder}`] })).toBe("GRANT_NOT_A_FILE");
  });

  it("a file, a socket or nothing where a folder was granted", async () => {
    const folder = await confined.addFolder("kinds");
    await writeFile(`${folder}/file`, "");
    await using server = createServer().listen(`${folder}/socket`);
    await once(server, "listening");
    for (const name of ["file", "socket", "nothing"]) {
      // oxlint-disable-next-line no-await-in-loop -- few, and a failure names its turn
      expect(await launch({ grants: [`filesystem.read.${folder}/${name}/*`] })).toBe(
        "PATH_REFUSED",
      );
    }
    expect(await launch({ grants: [`filesystem.read.${folder}/socket`] })).toBe("PATH_REFUSED");
  });

  it("a link in any place of a granted path", async () => {
    const folder = await confined.addFolder("real");
    await confined.addFolder("real/inner");
    await symlink(folder, `${confined.root}/alias`);
    const [last, middle] = ["alias/*", "alias/inner/*"].map((path) =>
      launch({ grants: [`filesystem.read.${confined.root}/${path}`] }),
    );
    expect([await last, await middle]).toEqual(["PATH_REFUSED", "PATH_REFUSED"]);
  });

  it.each([".git", ".hg", ".husky", ".envrc", ".ssh", ".profile", ".bashrc"])(
    "to make a folder with %s writable",
    async (name) => {
      const folder = await confined.addFolder(`host${name}`);
      await writeFile(`${folder}/${name}`, "");
      expect(await launch({ grants: [`filesystem.write.${folder}/*`] })).toBe(
        "GRANT_HOST_EXECUTED",
      );
      expect(await launch({ grants: [`filesystem.write.${folder}/${name}`] })).toBe(
        "GRANT_HOST_EXECUTED",
      );
      expect(await launch({ grants: [`filesystem.read.${folder}/*`] })).toBe("BINARY_REFUSED");
    },
  );

  it("to show its own runtime directory", async () => {
    expect(
      await launch({ grants: [`filesystem.read.${confined.options.runtimeDirectory}/*`] }),
    ).toBe("PATH_REFUSED");
  });

  it("a source behind a closed folder, and names that folder", async () => {
    const closed = `${confined.root}/closed`;
    await confined.addFolder("closed");
    await writeFile(`${closed}/file`, "");
    await chmod(closed, 0);
    const started = confined.start({ grants: [`filesystem.read.${closed}/*`] });
    await expect(started).rejects.toThrow(`"${closed}"`);
    await chmod(closed, 0o700);
  });

  it("a hidden path that is not there yet inside a writable grant", async () => {
    const readDeny = ["/data/plugins/self/later"];
    expect(["PATH_REFUSED", "NESTED_MOUNT_UNSAFE"]).toContain(await launch({ readDeny }));
  });

  it("a program that is not in the code", async () => {
    expect(await launch({ command: ["missing"] })).toBe("BINARY_REFUSED");
  });

  it.each(["LD_PRELOAD", "NODE_OPTIONS", "PATH"])("the variable %s", async (name) => {
    expect(await launch({}, { env: { [name]: "x" } })).toBe("ENV_REFUSED");
  });

  it("NUL in an argument of the launch", async () => {
    expect(await launch({}, { args: ["a\0--bind"] })).toBe("POLICY_REFUSED");
  });

  it("to start for a signal that was given already", async () => {
    const reason = new Error("too late");
    const started = confined.start({}, { signal: AbortSignal.abort(reason) });
    await expect(started).rejects.toBe(reason);
  });

  it("everything once it is closed, and closing ends what runs, newest first", async () => {
    await using other = await openConfined();
    await other.addCode("wait.sh", "#!/bin/sh\nread -r line\n");
    const ended: string[] = [];
    for (const name of ["older", "newer"]) {
      // oxlint-disable-next-line no-await-in-loop -- one starts after the other
      const started = await other.start({ command: ["wait.sh"] });
      void started.exited.then(() => ended.push(name));
    }
    await other.sandbox.close();
    await other.sandbox.close();
    expect(ended).toEqual(["newer", "older"]);
    expect(await codeOfAsync(other.start({}))).toBe("CLOSED");
  });
});
