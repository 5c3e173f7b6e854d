import { once } from "node:events";
import { createServer, request } from "node:http";

/** A way to a listener that can be cut. */
export interface CutProxy extends AsyncDisposable {
  readonly origin: string;
  /** The last header of this name that came through. */
  lastHeader(name: string): string | undefined;
  /** Ends what goes on and refuses what comes, until it is mended. */
  cut(): void;
  mend(): void;
}

/** Stands between a browser and a listener, and calls the listener by its own name. */
export async function openCutProxy(origin: string): Promise<CutProxy> {
  const { port, host } = new URL(origin);
  const headers = new Map<string, string>();
  let isCut = false;
  const server = createServer((asked, answer) => {
    if (isCut) return void asked.socket.destroy();
    for (const [name, value] of Object.entries(asked.headers)) {
      if (typeof value === "string") headers.set(name, value);
    }
    const { method, url, headers: sent } = asked;
    const named = sent.origin === undefined ? { host } : { host, origin };
    const onward = { host: "127.0.0.1", port, method, path: url, headers: { ...sent, ...named } };
    const asking = request(onward, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers);
      found.pipe(answer);
      answer.once("close", () => found.destroy());
    });
    asking.on("error", () => answer.destroy());
    asked.pipe(asking);
    return undefined;
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new TypeError("no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    lastHeader: (name) => headers.get(name),
    cut() {
      isCut = true;
      server.closeAllConnections();
    },
    mend() {
      isCut = false;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
