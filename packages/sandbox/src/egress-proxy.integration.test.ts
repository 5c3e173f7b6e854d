import { once } from "node:events";
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createEgressProxy } from "./egress-proxy.ts";
import { openProxy, type OpenProxy } from "./testing/open-proxy.ts";
import { compile } from "./testing/requests.ts";

const get = (host: string, port: number, extra = ""): string =>
  `GET http://${host}:${port}/ HTTP/1.1\r\n${extra}\r\n`;
const tunnel = (host: string, port: number): string => `CONNECT ${host}:${port} HTTP/1.1\r\n\r\n`;
const socks = (host: string, port: number): Buffer =>
  Buffer.concat([
    Buffer.from([5, 1, 0, 5, 1, 0, 3, host.length]),
    Buffer.from(host),
    Buffer.from([port >> 8, port & 0xff]),
  ]);
const status = (answer: string): string => answer.split("\r\n")[0] ?? "";
const forbidden = "HTTP/1.1 403 Forbidden";
const outcomes = ({ decisions }: OpenProxy) => decisions.map(({ outcome }) => outcome);

/** A client whose tunnel stands. */
async function openTunnel(proxy: OpenProxy) {
  const client = await proxy.client();
  client.write(tunnel("granted.test", proxy.port));
  const [answer] = (await once(client, "data")) as [Buffer];
  return { client, answer: status(answer.toString("latin1")) };
}

describe("a connection through the proxy", () => {
  it("reaches a granted name in every protocol, and is told before", async () => {
    await using proxy = await openProxy();
    const { port } = proxy;
    expect(await proxy.exchange(get("granted.test", port))).toContain("ok");
    expect(await proxy.exchange(tunnel("granted.test", port), "x")).toMatch(
      /^HTTP\/1.1 200 Connection established\r\n\r\n.*ok$/s,
    );
    expect(await proxy.exchange(socks("granted.test", port), "x")).toMatch(
      // oxlint-disable-next-line no-control-regex -- the bytes of the protocol
      /^\x05\x00\x05\x00\x00\x01\x00{6}.*ok$/s,
    );
    expect(proxy.decisions.map(({ protocol, host, outcome }) => [protocol, host, outcome])).toEqual(
      ["http", "connect", "socks5"].map((protocol) => [protocol, "granted.test", "allowed"]),
    );
    expect(proxy.violations).toEqual([]);
  });

  it("moves no byte, and resolves nothing, before its decision is on record", async () => {
    const record = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    await using proxy = await openProxy({
      decide: () => {
        asked.resolve();
        return record.promise;
      },
    });
    const answer = proxy.exchange(get("granted.test", proxy.port));
    await asked.promise;
    expect([proxy.resolved, proxy.reached]).toEqual([[], []]);
    record.resolve();
    expect(await answer).toContain("ok");
  });

  it("is refused when its decision cannot be recorded", async () => {
    await using proxy = await openProxy({
      decide: () => Promise.reject(new Error("the disk is full")),
    });
    const answer = await proxy.exchange(get("granted.test", proxy.port));
    expect(status(answer)).toBe("HTTP/1.1 503 Service Unavailable");
    expect([proxy.resolved, proxy.reached]).toEqual([[], []]);
    expect(status(await proxy.exchange(get("other.test", proxy.port)))).toBe(forbidden);
  });

  it("to another host or port is refused in every protocol, and its name is never resolved", async () => {
    await using proxy = await openProxy();
    const { port } = proxy;
    const other = port === 1 ? 2 : port - 1;
    for (const [host, at] of [
      ["other.test", port],
      ["x.granted.test", port],
      ["granted.test", other],
      ["127.0.0.1", other],
      ["127.0.0.2", port],
      ["[::ffff:127.0.0.1]", port],
    ] as const) {
      // oxlint-disable no-await-in-loop -- the order of the decisions is compared
      expect(status(await proxy.exchange(get(host, at)))).toBe(forbidden);
      expect(status(await proxy.exchange(tunnel(host, at)))).toBe(forbidden);
    }
    expect(await proxy.exchange(socks("other.test", port))).toBe(
      "\x05\x00\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00",
    );
    expect(new Set(outcomes(proxy))).toEqual(new Set(["denied"]));
    expect([proxy.resolved, proxy.reached]).toEqual([[], []]);
    expect(proxy.violations[0]).toBe(
      `egress_denied: "other.test" port ${port}: no grant covers it`,
    );
  });

  it("reaches a private address only when that literal is granted", async () => {
    await using proxy = await openProxy({
      addresses: {
        "private.test": ["10.0.0.1"],
        "mixed.test": ["93.184.216.34", "169.254.169.254"],
        "mapped.test": ["::ffff:127.0.0.1"],
        "odd.test": ["127.1"],
        "many.test": Array.from({ length: 65 }, () => "93.184.216.34"),
        "void.test": [],
      },
      grants: (port) =>
        ["private", "mixed", "mapped", "odd", "many", "void"].map(
          (name) => `net.connect.${name}.test:${port}`,
        ),
    });
    const ask = async (host: string) => status(await proxy.exchange(get(host, proxy.port)));
    expect(await ask("private.test")).toBe(forbidden);
    expect(await ask("mixed.test")).toBe(forbidden);
    expect(await ask("mapped.test")).toBe(forbidden);
    for (const host of ["odd.test", "many.test", "void.test"]) {
      expect(await ask(host)).toBe("HTTP/1.1 502 Bad Gateway");
    }
    expect(proxy.reached).toEqual([]);
    const refused = proxy.decisions.filter(({ outcome }) => outcome === "address_refused");
    expect(refused.map(({ address }) => address)).toEqual([
      "10.0.0.1",
      "169.254.169.254",
      "::ffff:7f00:1",
    ]);
    expect(proxy.violations.map((text) => text.split(":")[0])).toEqual(
      refused.map(() => "egress_address"),
    );
    expect(await ask("127.0.0.1")).toBe("HTTP/1.1 200 OK");
  });

  it("is judged by its own answer when a name is bound anew: once asked, dialled where it was checked", async () => {
    // 127.0.0.1 is granted as a literal at the server's port, and stands for a public address.
    const answers = [["127.0.0.1"], ["127.0.0.2"], ["127.0.0.1", "127.0.0.2"], ["127.0.0.1"]];
    await using proxy = await openProxy({ answer: () => answers.shift() ?? ["127.0.0.3"] });
    const said = [];
    for (let turns = 0; turns < 4; turns += 1) {
      said.push(status(await proxy.exchange(get("granted.test", proxy.port))));
    }
    expect(said).toEqual(["HTTP/1.1 200 OK", forbidden, forbidden, "HTTP/1.1 200 OK"]);
    expect(proxy.resolved).toHaveLength(4);
    expect(proxy.reached).toHaveLength(2);
    const refused = proxy.decisions.filter(({ outcome }) => outcome === "address_refused");
    expect(refused.map(({ address }) => address)).toEqual(["127.0.0.2", "127.0.0.2"]);
  });

  it("is answered 502 when nothing listens there", async () => {
    await using proxy = await openProxy({ grants: () => ["net.connect.127.0.0.1:1"] });
    expect(status(await proxy.exchange(get("127.0.0.1", 1)))).toBe("HTTP/1.1 502 Bad Gateway");
  });

  it("carries one request, and nothing behind it", async () => {
    const heard: string[] = [];
    await using proxy = await openProxy({
      serve: (socket) => {
        socket.on("data", (chunk: Buffer) => {
          heard.push(chunk.toString("latin1"));
          if (heard.join("").endsWith("abc")) socket.end("HTTP/1.1 200 OK\r\n\r\nok");
        });
      },
    });
    const { port } = proxy;
    const extra = "Host: evil.test\r\nContent-Length: 3\r\n";
    const answer = await proxy.exchange(
      `${get("granted.test", port, extra)}abc${get("other.test", port)}`,
    );
    expect(answer).toContain("ok");
    expect(heard.join("")).toBe(
      `GET / HTTP/1.1\r\nHost: granted.test:${port}\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc`,
    );
    expect(proxy.violations).toEqual([
      `egress_malformed: "granted.test" port ${port}: bytes behind the one request of a connection`,
    ]);
  });

  it("with both framings, or out of form, is refused and reported", async () => {
    await using proxy = await openProxy();
    const { port } = proxy;
    const both = "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n";
    for (const bytes of [
      get("granted.test", port, both),
      tunnel("granted.test@other.test", port),
      tunnel("granted.test#", port),
      tunnel("granted.test\0", port),
      "GET / HTTP/1.1\r\nHost: granted.test\r\n\r\n",
    ]) {
      expect(status(await proxy.exchange(bytes))).toBe(forbidden);
    }
    expect(await proxy.exchange(Buffer.from([5, 1, 2]))).toBe("\x05\xff");
    expect(new Set(outcomes(proxy))).toEqual(new Set(["malformed"]));
    expect(proxy.reached).toEqual([]);
  });
});

describe("a tunnel", () => {
  it("ends each direction on its own", async () => {
    await using proxy = await openProxy({
      serve: (socket) => {
        let heard = "";
        socket.on("data", (chunk: Buffer) => {
          heard += String(chunk);
        });
        socket.on("end", () => socket.end(`heard ${heard}`));
      },
    });
    const { client } = await openTunnel(proxy);
    client.end("hello");
    const [answer] = (await once(client, "data")) as [Buffer];
    expect(String(answer)).toBe("heard hello");
  });

  it("ends at both ends when one is reset, or when neither moves", async () => {
    await using proxy = await openProxy({
      serve: (socket) => void socket.resume(),
      limits: { idleMs: 100 },
    });
    const { client: first } = await openTunnel(proxy);
    const told = once(first, "end");
    proxy.reached[0]?.resetAndDestroy();
    await told;
    // Nobody says anything now.
    const { client: second } = await openTunnel(proxy);
    await Promise.all([second, ...proxy.reached.slice(1)].map((socket) => once(socket, "end")));
    expect(outcomes(proxy)).toEqual(["allowed", "allowed"]);
  });

  it("holds back a sender whose receiver does not read", async () => {
    const total = 64 * 1_048_576;
    const chunk = Buffer.alloc(65_536);
    let sent = 0;
    await using proxy = await openProxy({
      serve: (socket) => {
        const send = (): void => {
          while (sent < total) {
            sent += chunk.length;
            if (!socket.write(chunk)) return void socket.once("drain", send);
          }
          socket.end();
        };
        send();
      },
    });
    const { client } = await openTunnel(proxy);
    client.pause();
    // Turns of the loop in which nothing was sent any more; without back-pressure all would be.
    for (let [still, last] = [0, -1]; still < 200; still = sent === last ? still + 1 : 0) {
      last = sent;
      await turn();
    }
    expect(sent).toBeLessThan(total / 4);
    let received = client.bytesRead;
    client.on("data", () => {
      received = client.bytesRead;
    });
    client.resume();
    await once(client, "end");
    expect(received).toBeGreaterThanOrEqual(total);
  });
});

describe("the proxy", () => {
  it("holds 128 connections, refuses the next one, and has room again when one ends", async () => {
    await using proxy = await openProxy({
      serve: () => undefined,
      limits: { perSecond: 1_000 },
    });
    const open = [];
    for (let count = 0; count < 128; count += 1) open.push(await openTunnel(proxy));
    expect(new Set(open.map(({ answer }) => answer))).toEqual(
      new Set(["HTTP/1.1 200 Connection established"]),
    );
    const unavailable = "HTTP/1.1 503 Service Unavailable";
    expect(status(await proxy.exchange(tunnel("granted.test", proxy.port)))).toBe(unavailable);
    expect(await proxy.exchange(socks("granted.test", proxy.port))).toBe(
      "\x05\x00\x05\x01\x00\x01\x00\x00\x00\x00\x00\x00",
    );
    expect(proxy.reached.length).toBe(128);
    open[0]?.client.destroy();
    proxy.reached[0]?.destroy();
    // The place is free as soon as the proxy has seen both ends close.
    for (let answer = ""; !answer.endsWith("established");) ({ answer } = await openTunnel(proxy));
    await proxy.close();
    expect(proxy.violations.find((text) => text.startsWith("egress_limited"))).toBe(
      "egress_limited: 1 connections beyond the limits",
    );
  });

  it("gives no place for long to a client that does not finish its request", async () => {
    await using proxy = await openProxy({ limits: { requestMs: 50, pending: 2 } });
    const answers = await Promise.all(
      ["CONNECT granted.test:44", "", "\x05", "GET http://granted.test/ HTTP/1.1\r\nX: "].map(
        (beginning) => proxy.exchange(beginning).then(status),
      ),
    );
    // Two were pending and too slow; the others were over the limit, and too slow as well.
    expect(new Set(answers)).toEqual(new Set([forbidden]));
    expect(new Set(outcomes(proxy))).toEqual(new Set(["malformed"]));
    expect(await proxy.exchange(get("granted.test", proxy.port))).toContain("ok");
  });

  it("ends clients that trickle their request, a byte at a time, and serves others meanwhile", async () => {
    await using proxy = await openProxy({ limits: { requestMs: 300 } });
    const slow = await Promise.all(Array.from({ length: 24 }, () => proxy.client()));
    const request = tunnel("granted.test", proxy.port);
    const answers = slow.map(async (client) => {
      let sent = 0;
      // Never idle, and never done: there is always a byte under way.
      const trickle = setInterval(() => {
        client.write(request.slice(0, -"\r\n\r\n".length)[sent] ?? "x");
        sent += 1;
      }, 5);
      const [answer] = (await once(client, "data")) as [Buffer];
      clearInterval(trickle);
      client.destroy();
      return status(answer.toString("latin1"));
    });
    expect(await proxy.exchange(get("granted.test", proxy.port))).toContain("ok");
    expect(new Set(await Promise.all(answers))).toEqual(new Set([forbidden]));
    expect(proxy.reached).toHaveLength(1);
    const reasons = proxy.decisions.filter(({ outcome }) => outcome === "malformed");
    expect(new Set(reasons.map(({ reason }) => reason))).toEqual(
      new Set(["no whole request within 300 ms"]),
    );
    // Every place is free again.
    for (let turns = 0; turns < 32; turns += 1) {
      expect(await proxy.exchange(get("granted.test", proxy.port))).toContain("ok");
    }
  });

  it("counts a flood in one violation a second", async () => {
    await using proxy = await openProxy({ limits: { connections: 0, pending: 1 } });
    const clients = await Promise.all(Array.from({ length: 20 }, () => proxy.client()));
    await Promise.all(clients.slice(1).map((client) => once(client.resume(), "end")));
    await proxy.close();
    expect(proxy.violations.length).toBeGreaterThan(0);
    const counted = proxy.violations.map((text) => Number(/(\d+) connections/.exec(text)?.[1]));
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(19);
    expect(counted.length).toBeLessThan(5);
  });

  it("ends everything when it closes, and leaves no descriptor behind", async () => {
    const descriptors = () => readdirSync("/proc/self/fd").length;
    const before = descriptors();
    {
      await using proxy = await openProxy({ serve: () => undefined });
      const { client } = await openTunnel(proxy);
      const half = await openTunnel(proxy);
      half.client.end();
      const waiting = await proxy.client();
      const ends = [client, waiting].map((socket) => once(socket, "close"));
      for (const socket of [client, waiting]) socket.once("end", () => socket.destroy());
      for (const socket of [client, waiting]) socket.resume();
      const gone = proxy.reached.map((socket) => once(socket.resume(), "end"));
      await proxy.close();
      await Promise.all([...ends, ...gone]);
      half.client.destroy();
      expect(existsSync(proxy.socket)).toBe(false);
    }
    await turn();
    await turn();
    expect(descriptors()).toBeLessThanOrEqual(before);
  });

  it("is made for a policy, whose plugin and digest stand in what it tells", async () => {
    const directory = await mkdtemp(`${tmpdir()}/egress-`);
    const policy = compile({ grants: ["net.connect.api.example.org:443"] });
    const told: unknown[] = [];
    const proxy = await createEgressProxy({
      policy,
      directory,
      onEgress: async (decision) => void told.push(decision),
      onViolation: async ({ kind, plugin }) => void told.push([kind, plugin]),
    });
    expect(proxy.socket).toBe(`${directory}/proxy.sock`);
    // Nobody but the plugin's own user may connect.
    expect(statSync(proxy.socket).mode & 0o777).toBe(0o600);
    const client = connect(proxy.socket);
    client.write(tunnel("other.test", 443));
    await once(client, "data");
    client.destroy();
    await proxy.close();
    await rm(directory, { recursive: true });
    expect(told).toEqual([
      {
        plugin: "echo",
        policy: policy.digest,
        protocol: "connect",
        host: "other.test",
        port: 443,
        outcome: "denied",
        reason: "no grant covers it",
      },
      ["egress_denied", "echo"],
    ]);
  });
});
