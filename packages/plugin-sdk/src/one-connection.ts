import type { Duplex } from "node:stream";
import type { MuxBrokerOptions, MutualTls } from "@sigilrt/protocol/node";

/** The connection of a host that multiplexes: all others are streams of it. */
export interface OneConnection {
  /** Takes the first connection there is, and refuses all others: there is but one host. */
  take(connection: Duplex): void;
  /** How further connections are made, once the host has connected. */
  brokered(tls: MutualTls | undefined): Promise<MuxBrokerOptions>;
}

/** Waits for it; `accept` takes the streams that no broker waits for. */
export function oneConnection(accept: (stream: Duplex) => void): OneConnection {
  const first = Promise.withResolvers<Duplex>();
  let isTaken = false;
  return {
    take(connection) {
      if (isTaken) connection.destroy();
      isTaken = true;
      first.resolve(connection);
    },
    async brokered(tls) {
      // Loading it would hold up the handshake.
      const { createMuxSession } = await import("@sigilrt/protocol/node");
      const session = createMuxSession(await first.promise, { side: "plugin", accept });
      return { session, ...(tls === undefined ? {} : { tls }) };
    },
  };
}
