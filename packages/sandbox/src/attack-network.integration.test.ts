import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Hostile, openHostile } from "./testing/hostile.ts";
import { codeOfAsync } from "./testing/thrown.ts";

describeWith(["bwrap", "prlimit"], "a hostile plugin, at sockets and the network,", () => {
  let hostile: Hostile;
  beforeAll(async () => {
    hostile = await openHostile();
  });
  afterAll(() => hostile[Symbol.asyncDispose]());

  it("25 replaces its socket by a link, a file or a pipe", async () => {
    await hostile.confined.addCode(
      "swap.sh",
      `#!/bin/sh\nln -s ${hostile.confined.root}/host.sock /run/plugin/link; : > /run/plugin/file; mkdir /run/plugin/folder\necho up\nread -r _\n`,
    );
    await using started = await hostile.confined.start({
      command: ["swap.sh"],
      grants: ["exec.*"],
    });
    await once(started.stdout, "data");
    // The filter refuses it a pipe; this one stands for another way to get it.
    const runtime = hostile.confined.options.runtimeDirectory;
    const sockets = (await readdir(runtime)).find((name) => name.startsWith("s-"));
    execFileSync("mkfifo", [`${runtime}/${sockets}/pipe`]);
    for (const name of ["link", "file", "pipe", "folder"]) {
      // oxlint-disable-next-line no-await-in-loop -- the order of the violations is compared
      expect(await codeOfAsync(started.connect(name))).toBe("SOCKET_SUBSTITUTED");
    }
    for (const name of [
      "../host.sock",
      "/etc/passwd",
      "",
      ".",
      "..",
      "a/b",
      "-x",
      "a\0b",
      "x".repeat(65),
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- see above
      expect(await codeOfAsync(started.connect(name))).toBe("PATH_REFUSED");
    }
    const told = hostile.confined.violations.filter(({ kind }) => kind === "socket_substituted");
    expect(told.map(({ detail }) => detail)).toEqual(
      ["link", "file", "pipe", "folder"].map((name) => `socket "${name}"`),
    );
  });
});
