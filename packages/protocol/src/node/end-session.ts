import type { Http2Session } from "node:http2";
import type { Duplex } from "node:stream";
import { after } from "./timeout.ts";

const LINGER_MS = 250;

/**
 * Ends a session, and settles when it is over. It waits for what it writes, and TLS to a peer that is gone may never say that a write
 * is done; so the stream below is destroyed after a while.
 */
export function endSession(session: Http2Session, connection: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const stop = after(LINGER_MS, () => connection.destroy());
    const done = (): void => {
      stop();
      resolve();
    };
    if (session.destroyed && connection.destroyed) {
      done();
      return;
    }
    session.once("close", done);
    connection.once("close", done);
    session.destroy();
  });
}
