import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Hostile, openHostile } from "./testing/hostile.ts";
import { codeOfAsync } from "./testing/thrown.ts";

const client = (target: string): string =>
  `import { connect } from "node:net"; const s = connect(${target}); s.on("data", (d) => console.log(String(d))); s.on("error", (e) => console.log("blocked", e.code)); s.on("close", () => console.log("end"));`;

describeWith(["bwrap", "prlimit"], "a hostile plugin, at sockets and the network,", () => {
  let hostile: Hostile;
  let pathServer: Server;
  let loopback: Server;
  beforeAll(async () => {
    hostile = await openHostile();
    const answer = () => createServer((socket) => socket.end(hostile.canary));
    pathServer = answer().listen(`${hostile.confined.root}/host.sock`);
    loopback = answer().listen(0, "127.0.0.1");
    await Promise.all([once(pathServer, "listening"), once(loopback, "listening")]);
  });
  afterAll(async () => {
    pathServer.close();
    loopback.close();
    await hostile[Symbol.asyncDispose]();
  });

  it("22 connects to a socket of the host by its path", async () => {
    const { stdout } = await hostile.confined.node(
      client(JSON.stringify(`${hostile.confined.root}/host.sock`)),
    );
    expect(stdout).toBe("blocked ENOENT\nend\n");
  });

  it("23 connects to an abstract socket of the host", async () => {
    await using server = createServer((socket) => socket.end(hostile.canary)).listen(
      `\0${hostile.canary}`,
    );
    await once(server, "listening");
    const { stdout } = await hostile.confined.node(client(JSON.stringify(`\0${hostile.canary}`)));
    expect(stdout).toBe("blocked ECONNREFUSED\nend\n");
  });

  it("24 listens on an abstract name and waits for the host", async () => {
    await hostile.confined.addCode(
      "abstract.mjs",
      `import { createServer } from "node:net"; createServer().listen("\\0${hostile.canary}-in", () => console.log("up"));`,
    );
    await using started = await hostile.confined.start({
      command: ["node", "/plugin/abstract.mjs"],
    });
    await once(started.stdout, "data");
    await expect(once(connect(`\0${hostile.canary}-in`), "connect")).rejects.toThrow(
      "ECONNREFUSED",
    );
  });

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

  it("27 connects to loopback of the host and to the metadata service", async () => {
    for (const target of [
      `${JSON.stringify(loopback.address())}.port, "127.0.0.1"`,
      '80, "169.254.169.254"',
      '443, "192.0.2.1"',
    ]) {
      // oxlint-disable-next-line no-await-in-loop -- one script file
      const { stdout } = await hostile.confined.node(client(target));
      expect(stdout).toMatch(/^blocked (?:ECONNREFUSED|ENETUNREACH)\nend\n$/);
    }
  });

  it("28 asks a name server", async () => {
    const { stdout } = await hostile.confined.node(
      'import { Resolver } from "node:dns/promises"; import { lookup } from "node:dns/promises"; const r = new Resolver({ timeout: 500, tries: 1 }); r.setServers(["192.0.2.53"]); for (const ask of [() => r.resolve4("example.org"), () => lookup("example.org")]) await ask().then(() => console.log("answered"), () => console.log("blocked"));',
    );
    expect(stdout).toBe("blocked\nblocked\n");
  });

  it("29 has no network section at all: no route", async () => {
    // The head of the table alone.
    expect(await hostile.attack("wc -l < /proc/net/route")).toBe("1");
  });
});
