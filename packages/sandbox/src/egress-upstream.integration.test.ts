import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describeWith } from "@sigilrt/testing";
import { describe, expect, it } from "vitest";
import { openConfined } from "./testing/confined.ts";
import { openProxy } from "./testing/open-proxy.ts";
import { openUpstream } from "./testing/open-upstream.ts";

const tunnel = (host: string, port: number): string => `CONNECT ${host}:${port} HTTP/1.1\r\n\r\n`;
const socks = (host: string, port: number): Buffer =>
  Buffer.concat([
    Buffer.from([5, 1, 0, 5, 1, 0, 3, host.length]),
    Buffer.from(host),
    Buffer.from([port >> 8, port & 0xff]),
  ]);
const status = (answer: string): string => answer.slice(9, 12);

/** A proxy that says these bytes to whoever connects, and nothing more. */
async function openOdd(serve: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    serve(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    upstream: { host: "127.0.0.1", port },
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}

describe("through the operator's proxy", () => {
  it("a granted name is reached in every protocol, resolved there, with credentials that go no further", async () => {
    await using operator = await openUpstream();
    const heard: string[] = [];
    await using proxy = await openProxy({
      upstream: operator.upstream,
      serve: (socket) => {
        socket.once("data", (chunk: Buffer) => {
          heard.push(chunk.toString("latin1"));
          socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
        });
      },
    });
    const { port } = proxy;
    expect(await proxy.exchange(tunnel("granted.test", port), "x")).toMatch(
      /^HTTP\/1.1 200 .*ok$/s,
    );
    expect(await proxy.exchange(socks("granted.test", port), "x")).toContain("ok");
    const plain = `GET http://granted.test:${port}/a HTTP/1.1\r\nHost: other.test\r\nProxy-Authorization: mine\r\n\r\n`;
    expect(await proxy.exchange(plain)).toContain("ok");
    expect(operator.asked).toEqual([
      `CONNECT granted.test:${port}`,
      `CONNECT granted.test:${port}`,
      `GET http://granted.test:${port}/a`,
    ]);
    expect(new Set(operator.shown)).toEqual(new Set([operator.upstream.authorization]));
    expect(proxy.resolved).toEqual([]);
    expect(heard.join("")).not.toContain("mine");
    expect(heard.join("")).not.toContain(operator.upstream.authorization);
    expect(proxy.decisions.map(({ outcome }) => outcome)).toEqual([
      "allowed",
      "allowed",
      "allowed",
    ]);
  });

  it("a name, port or address that is not granted is refused here, and the operator's proxy is not asked", async () => {
    await using operator = await openUpstream();
    await using proxy = await openProxy({ upstream: operator.upstream });
    for (const [host, port] of [
      ["other.test", proxy.port],
      ["granted.test", 1],
      ["127.0.0.2", proxy.port],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- few, and a failure names its turn
      expect(status(await proxy.exchange(tunnel(host, port)))).toBe("403");
    }
    expect(operator.asked).toEqual([]);
  });

  it("what comes in one piece with its answer is not lost", async () => {
    await using operator = await openUpstream("at once ");
    await using proxy = await openProxy({ upstream: operator.upstream });
    const answer = await proxy.exchange(tunnel("granted.test", proxy.port), "x");
    expect(answer.split("\r\n\r\n").slice(1).join("\r\n\r\n")).toMatch(/^at once .*ok$/s);
  });

  it.each([
    [
      "refuses",
      (socket: Socket) => socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
    ],
    ["is none", (socket: Socket) => socket.end("SSH-2.0-OpenSSH\r\n\r\n")],
    ["ends without a word", (socket: Socket) => socket.end()],
    [
      "never ends its answer",
      (socket: Socket) => socket.write("HTTP/1.1 200 OK\r\nX: ".padEnd(20_000, "x")),
    ],
    ["says nothing", (socket: Socket) => socket.resume()],
  ])("a client is told 502 when it %s, and no more", async (_, serve) => {
    await using odd = await openOdd(serve);
    await using proxy = await openProxy({ upstream: odd.upstream, limits: { dialMs: 100 } });
    const answer = await proxy.exchange(tunnel("granted.test", proxy.port));
    expect(answer).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\n/u);
    expect(answer).not.toMatch(/407|SSH|xxx/u);
  });

  it("a client is told 502 when nothing listens there", async () => {
    await using proxy = await openProxy({ upstream: { host: "127.0.0.1", port: 1 } });
    expect(status(await proxy.exchange(tunnel("granted.test", proxy.port)))).toBe("502");
  });
});

describeWith(["bwrap", "prlimit"], "a sandbox with an upstream proxy", () => {
  it("says in its report that nobody here checks addresses, and launches through it", async () => {
    await using operator = await openUpstream();
    await using server = createServer((socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nseen"));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await using confined = await openConfined({
      egress: { upstream: operator.upstream },
      onEgress: async () => undefined,
    });
    expect(confined.sandbox.report.addressGuard).toBe("delegated");
    const { stdout } = await confined.node(
      `console.log(await (await fetch("http://inside.example.org:${port}/")).text());`,
      { grants: [`net.connect.inside.example.org:${port}`] },
    );
    expect(stdout).toBe("seen\n");
    expect(operator.asked).toEqual([`CONNECT inside.example.org:${port}`]);
  });

  it("says otherwise without one", async () => {
    await using confined = await openConfined();
    expect(confined.sandbox.report.addressGuard).toBe("own");
  });
});
