import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { type EgressDecision } from "../egress-decision.ts";
import { type EgressLimits, egressLimits } from "../egress-limits.ts";
import { openEgress } from "../egress-proxy.ts";
import { type UpstreamProxy } from "../upstream.ts";
import { compile } from "./requests.ts";

/** A proxy, and one server on loopback that stands for the internet. */
export interface OpenProxy extends AsyncDisposable {
  readonly port: number;
  readonly socket: string;
  /** Connections that reached the server, newest last. */
  readonly reached: Socket[];
  readonly decisions: Omit<EgressDecision, "plugin" | "policy">[];
  readonly violations: string[];
  readonly resolved: string[];
  /** Connects as a client. */
  client(): Promise<Socket>;
  /** Sends these bytes and answers everything that comes back until the end. */
  exchange(...parts: readonly (string | Buffer)[]): Promise<string>;
  close(): Promise<void>;
}

/** What differs between tests. */
export interface OpenProxyOptions {
  readonly limits?: Partial<EgressLimits>;
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
  /** Answers in place of `addresses`; asked anew for each connection. */
  readonly answer?: (host: string) => readonly string[];
  readonly decide?: (outcome: string) => Promise<void>;
  /** What the server does with a connection; it says "ok" and ends after the first bytes otherwise. */
  readonly serve?: (socket: Socket) => void;
  /** Grants beside `granted.test` and its address, given the port. */
  readonly grants?: (port: number) => readonly string[];
  readonly upstream?: UpstreamProxy;
}

/** Opens one. `granted.test` leads to the server. */
export async function openProxy(options: OpenProxyOptions = {}): Promise<OpenProxy> {
  const { limits = {}, decide, addresses = {}, serve = answerOnce, grants = () => [] } = options;
  const reached: Socket[] = [];
  const decisions: OpenProxy["decisions"] = [];
  const violations: string[] = [];
  const resolved: string[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    reached.push(socket);
    socket.on("error", () => undefined);
    serve(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const directory = await mkdtemp(`${tmpdir()}/egress-`);
  const names = ["granted.test", "127.0.0.1"].map((name) => `net.connect.${name}:${port}`);
  const { egress } = compile({ grants: [...names, ...grants(port)] });
  const proxy = await openEgress({
    rules: egress,
    directory,
    resolve: async (host) => {
      resolved.push(host);
      return options.answer?.(host) ?? addresses[host] ?? ["127.0.0.1"];
    },
    upstream: options.upstream,
    decide: async (decision) => {
      decisions.push(decision);
      await decide?.(decision.outcome);
    },
    report: async (kind, detail) => void violations.push(`${kind}: ${detail}`),
    expectsRelay: false,
    limits: { ...egressLimits, ...limits },
  });
  const client = async (): Promise<Socket> => {
    const socket = connect({ path: proxy.socket, allowHalfOpen: true });
    socket.on("error", () => undefined);
    await once(socket, "connect");
    return socket;
  };
  return {
    port,
    socket: proxy.socket,
    reached,
    decisions,
    violations,
    resolved,
    client,
    async exchange(...parts) {
      const socket = await client();
      for (const part of parts) socket.write(part);
      let said = "";
      socket.on("data", (chunk: Buffer) => {
        said += chunk.toString("latin1");
      });
      await once(socket, "end");
      socket.destroy();
      return said;
    },
    close: () => proxy.close(),
    async [Symbol.asyncDispose]() {
      await proxy.close();
      for (const socket of reached) socket.destroy();
      server.close();
      await rm(directory, { recursive: true });
    },
  };
}

function answerOnce(socket: Socket): void {
  socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok"));
}
