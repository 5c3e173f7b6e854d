import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { type UpstreamProxy } from "../upstream.ts";

/** A forward proxy as an operator has one: Node's own HTTP server, which resolves every name to the loopback. */
export interface OpenUpstream extends AsyncDisposable {
  readonly upstream: UpstreamProxy;
  /** What it was asked, as `CONNECT host:port` or `GET http://…`. */
  readonly asked: string[];
  /** The credentials that came with each. */
  readonly shown: (string | undefined)[];
}

/** Opens one. `greeting` is sent in one piece with the answer to CONNECT. */
export async function openUpstream(greeting = ""): Promise<OpenUpstream> {
  const asked: string[] = [];
  const shown: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    shown.push(request.headers["proxy-authorization"]);
    const { port, pathname } = new URL(request.url ?? "");
    const { "proxy-authorization": _own, ...headers } = request.headers;
    const onward = ask({
      host: "127.0.0.1",
      port,
      path: pathname,
      method: request.method,
      headers,
    });
    onward.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  server.on("connect", (request, client: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    shown.push(request.headers["proxy-authorization"]);
    const onward = connect(Number(request.url?.split(":").at(-1)), "127.0.0.1", () => {
      client.write(`HTTP/1.1 200 OK\r\nVia: test\r\n\r\n${greeting}`);
      client.pipe(onward);
      onward.pipe(client);
    });
    for (const socket of [client, onward]) socket.on("error", () => undefined);
    onward.once("close", () => client.destroy());
    sockets.add(client).add(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    upstream: { host: "127.0.0.1", port, authorization: "Basic b3BlcmF0b3I6c2VjcmV0" },
    asked,
    shown,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}
