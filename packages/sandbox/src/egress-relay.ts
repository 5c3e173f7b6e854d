import { type Socket } from "node:net";
import { Transform } from "node:stream";

/** Copies both ways until both directions have ended, or neither has moved for `idleMs`. */
export function joinTunnel(client: Socket, server: Socket, idleMs: number): void {
  endTogether(client, server, idleMs);
  client.pipe(server);
  server.pipe(client);
}

/**
 * Sends the declared body and nothing behind it, then copies the answer. Whatever else the client sends would be a
 * request that nobody has checked: `onSurplus` is told once, and no more is read.
 */
export function joinRequest(
  client: Socket,
  server: Socket,
  body: { readonly bytes: number; readonly first: Buffer; readonly idleMs: number },
  onSurplus: () => void,
): void {
  endTogether(client, server, body.idleMs);
  let left = body.bytes;
  let hasSurplus = false;
  const cut = new Transform({
    transform(chunk: Buffer, _, done) {
      const part = chunk.subarray(0, left);
      left -= part.length;
      if (part.length < chunk.length && !hasSurplus) {
        hasSurplus = true;
        client.unpipe(cut);
        client.pause();
        onSurplus();
      }
      done(null, part);
    },
  });
  cut.pipe(server, { end: false });
  if (body.first.length > 0) cut.write(body.first);
  if (!hasSurplus) client.pipe(cut, { end: false });
  // Half a body is no request: the server would wait for the rest.
  client.once("end", () => {
    if (left > 0) server.destroy();
  });
  server.pipe(client);
  // The one answer is through: nothing more is owed to a client that stays.
  client.once("finish", () => {
    client.destroy();
    server.destroy();
  });
}

function endTogether(client: Socket, server: Socket, idleMs: number): void {
  const stop = (): void => {
    client.destroy();
    server.destroy();
  };
  // Every byte of either direction passes both sockets; one of them may be closed before the other.
  client.setTimeout(idleMs, stop);
  server.setTimeout(idleMs, stop);
  client.once("close", () => {
    // What a client sent before it ended in good order still reaches the server.
    if (!client.readableEnded || !client.writableFinished) server.destroy();
  });
  server.once("close", () => {
    if (!server.readableEnded) client.destroy();
  });
}
