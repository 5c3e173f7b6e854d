import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { type EgressDecision } from "../egress-decision.ts";
import { type Confined, openConfined } from "./confined.ts";

/** A request as a server behind the proxy saw it. */
interface Seen {
  readonly line: string;
  readonly host: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A sandbox and the one server that stands for the internet, on the loopback of this machine. */
export interface Internet extends AsyncDisposable {
  readonly confined: Confined;
  readonly port: number;
  /** Every request that reached the server. */
  readonly seen: Seen[];
  readonly decisions: EgressDecision[];
  /** Names that were resolved. */
  readonly resolved: string[];
  /** Grants of these names at the server's port, and of the loopback address itself, which each resolves to. */
  grants(...names: readonly string[]): readonly string[];
  /** Resolves when no connection to the server is left. */
  settled(): Promise<void>;
}

/** Opens one. Names that end in `.mixed.test` answer a public and a private address, those of `.void.test` none. */
export async function openInternet(): Promise<Internet> {
  const seen: Seen[] = [];
  const decisions: EgressDecision[] = [];
  const resolved: string[] = [];
  const server = createServer((request, response) => {
    const { method, url, headers, httpVersion } = request;
    const answer = async (): Promise<void> => {
      const body = await text(request);
      const line = `${method} ${url} HTTP/${httpVersion}`;
      seen.push({ line, host: headers.host, headers, body });
      response.end(`hello ${body}`);
    };
    void answer();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const connections = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  const { port } = server.address() as AddressInfo;
  const confined = await openConfined({
    egress: {
      resolve: async (host) => {
        resolved.push(host);
        if (host.endsWith(".void.test")) return [];
        return host.endsWith(".mixed.test") ? ["93.184.216.34", "10.0.0.1"] : ["127.0.0.1"];
      },
    },
    onEgress: async (decision) => void decisions.push(decision),
  });
  return {
    confined,
    port,
    seen,
    decisions,
    resolved,
    grants: (...names) => [...names, "127.0.0.1"].map((name) => `net.connect.${name}:${port}`),
    async settled() {
      await Promise.all([...connections].map((socket) => once(socket, "close")));
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await confined[Symbol.asyncDispose]();
    },
  };
}
