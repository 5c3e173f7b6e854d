import { once } from "node:events";
import { createServer, request } from "node:http";
import { pipeline } from "node:stream/promises";

/** Stands in front of a gateway for a client that knows no tokens. */
export interface TokenProxy extends AsyncDisposable {
  readonly address: string;
}

/** Adds a token to every request, and changes nothing else: headers go through as they came, `Host` included. */
export async function openTokenProxy(target: string, token: string): Promise<TokenProxy> {
  const { hostname, port, pathname } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const headers = [...incoming.rawHeaders, "authorization", `Bearer ${token}`];
    const { method, url } = incoming;
    const onward = request({ hostname, port, method, path: url, headers, agent: false });
    outgoing.once("close", () => onward.destroy());
    onward.once("error", () => outgoing.destroy());
    onward.once("response", (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      pipeline(answer, outgoing).catch(() => undefined);
    });
    pipeline(incoming, onward).catch(() => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  const own = typeof bound === "object" && bound !== null ? bound.port : 0;
  return {
    address: `http://127.0.0.1:${own}${pathname}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
