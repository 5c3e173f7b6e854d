import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";

/** The port that clients reach. It is taken first, so that a gateway that cannot have it starts nothing. */
export interface Listener {
  readonly address: string;
  readonly port: number;
  /** From now on requests go to `handler`; until then, and after `undefined`, they are answered 503. */
  serve(handler: RequestListener | undefined): void;
  close(): Promise<void>;
}

/** Listens; `section` of the configuration says where. @throws Error that names the port and what to change, where the system refuses it */
export async function listen(
  host: string,
  port: number,
  configuration: string,
  section: "listen" | "page" = "listen",
): Promise<Listener> {
  let current: RequestListener | undefined;
  const server = createServer(
    {
      requestTimeout: 60_000,
      headersTimeout: 10_000,
      // Without it, who opens connections and says nothing keeps them half a minute longer.
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
      keepAliveTimeout: 5_000,
    },
    (request, response) => {
      if (current) {
        current(request, response);
        return;
      }
      response.writeHead(503, { "content-type": "text/plain", "retry-after": "1" });
      response.end("The gateway is not ready\n");
    },
  );
  server.maxConnections = 1_024;
  server.listen({ host, port });
  try {
    await once(server, "listening");
  } catch (cause) {
    throw refusal(host, port, `${section}.port in ${configuration}`, cause);
  }
  const bound = portOf(server);
  return {
    address: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
    port: bound,
    serve(handler) {
      current = handler;
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      const patience = setTimeout(() => server.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(patience);
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("Cannot listen: the system gave no port");
}

function refusal(host: string, port: number, place: string, cause: unknown): Error {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown failure";
  const state =
    code === "EADDRINUSE"
      ? `another program has the port; stop it, or change ${place}`
      : `${code}; change ${place}`;
  return new Error(`Cannot listen on ${host}, port ${port}: ${state}`, { cause });
}
