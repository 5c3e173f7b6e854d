import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of its own, and the path of a socket in it. */
export interface SocketFolder extends AsyncDisposable {
  readonly path: string;
  readonly socket: string;
}

/** Makes it; disposing removes it with all in it. */
export async function socketFolder(): Promise<SocketFolder> {
  const path = await mkdtemp(join(tmpdir(), "sigil-grpc-"));
  return {
    path,
    socket: join(path, "s"),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** Two ends of a socket: unlike those of `duplexPair` each goes on reading while it writes. */
export async function socketPair(): Promise<readonly [Socket, Socket]> {
  await using place = await socketFolder();
  const server = createServer().listen(place.socket);
  await once(server, "listening");
  const near = connect(place.socket);
  const [far]: Socket[] = await once(server, "connection");
  server.close();
  if (far === undefined) throw new Error("Cannot make a pair of sockets: no connection came");
  return [near, far];
}
