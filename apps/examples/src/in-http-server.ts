import { createHash } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { PluginManager, Principal } from "@sigilrt/manager";
import { createMcpEndpoint } from "@sigilrt/mcp-endpoint";
import { type MinimalOptions, openMinimalGateway } from "./minimal.ts";

/** What a server with an endpoint is given. */
export interface ServerOptions extends MinimalOptions {
  /** What the server answered before, and still does. */
  readonly app: RequestListener;
  /** Who may use MCP, by SHA-256 of their token in hex: the tokens themselves are nowhere. */
  readonly principals: ReadonlyMap<string, Principal>;
}

/** A server of one's own with an MCP endpoint at `/mcp`, and the gateway behind it. */
export interface ServerWithMcp extends AsyncDisposable {
  readonly server: Server;
  readonly gateway: PluginManager;
}

/** Adds an MCP endpoint to an HTTP server that is there for something else. */
export async function openServerWithMcp(options: ServerOptions): Promise<ServerWithMcp> {
  const { app, principals } = options;
  const gateway = await openMinimalGateway(options);
  await gateway.discover();
  const endpoint = createMcpEndpoint(gateway, {
    // A page in a browser that was led here by its name server sends another Host.
    hosts: ["127.0.0.1", "localhost"],
    tokens: {
      verify: async (token) => principals.get(createHash("sha256").update(token).digest("hex")),
    },
  });
  const server = createServer((request, response) => {
    if (/^\/mcp(?:$|[/?])/u.test(request.url ?? "")) void endpoint.handle(request, response);
    else app(request, response);
  });
  return {
    server,
    gateway,
    async [Symbol.asyncDispose]() {
      server.close();
      await endpoint.close();
      await gateway.close();
    },
  };
}
