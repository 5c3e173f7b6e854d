import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Confined, openConfined } from "./testing/confined.ts";

describeWith(["bwrap", "prlimit"], "the defects of the original stay fixed: a sandbox", () => {
  let confined: Confined;
  beforeAll(async () => {
    confined = await openConfined();
  });
  afterAll(() => confined[Symbol.asyncDispose]());

  it("gives a plugin without a network section no interface but loopback", async () => {
    const { stdout } = await confined.shell(
      'while read -r name rest; do echo "$name"; done < /proc/net/dev; while read -r line; do echo route; done < /proc/net/route',
    );
    expect(stdout.split("\n").filter((line) => line.endsWith(":"))).toEqual(["lo:"]);
    // The head of the table alone.
    expect(stdout.match(/^route$/gm)).toEqual(["route"]);
  });

  it("starts a plugin stored outside system folders; sees exactly the mounts, variables and rights listed", async () => {
    const out = await confined.addFolder("exact");
    const { stdout } = await confined.shell(
      [
        'while read -r _ _ _ _ at _; do echo "mount $at"; done < /proc/self/mountinfo',
        'env | while read -r line; do echo "env $line"; done',
        'while read -r line; do echo "status $line"; done < /proc/self/status',
      ].join("\n"),
      { grants: [`filesystem.write.${out}/*`] },
      { env: { GREETING: "hello" } },
    );
    const lines = stdout.split("\n");
    const mounts = lines.filter((line) => line.startsWith("mount ")).map((line) => line.slice(6));
    expect(mounts.filter((path) => !/^\/(?:proc|dev|etc)(?:\/|$)/.test(path)).toSorted()).toEqual(
      [
        "/",
        "/data/plugins/self",
        "/home/plugin",
        "/plugin",
        "/run/plugin",
        "/run/sigil/prlimit",

        "/tmp",
        "/usr/bin/env",
        "/usr/bin/sh",
        "/usr/lib",
        "/usr/lib64",
        "/usr/share/ca-certificates",
        "/usr/share/zoneinfo",
        out,
      ].toSorted(),
    );
    expect(lines.filter((line) => line.startsWith("env ")).toSorted()).toEqual([
      "env GREETING=hello",
      "env HOME=/home/plugin",
      "env LANG=C.UTF-8",
      "env PATH=/usr/bin:/bin",
      "env PWD=/plugin",
      "env TMPDIR=/tmp",
    ]);
    expect(stdout).toMatch(/^status CapEff:\s*0+$/m);
    expect(stdout).toMatch(/^status CapBnd:\s*0+$/m);
    expect(stdout).toMatch(/^status NoNewPrivs:\s*1$/m);
  });

  it("denies a file and a folder, both unreadable and unwritable", async () => {
    await confined.addCode("secret", "canary");
    const { stdout } = await confined.shell(
      [
        "cat /plugin/secret; echo x > /plugin/secret && echo written",
        "ls /plugin/private; echo x > /plugin/private/new && echo written",
        "cat /etc/shadow; ls ~/.ssh",
      ].join("\n"),
      {
        grants: ["exec.*"],
        readDeny: ["/plugin/secret", "/plugin/private/*", "/etc/shadow", "~/.ssh/*"],
      },
    );
    expect(stdout).toBe("");
  });
});
