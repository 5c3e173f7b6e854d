import { once } from "node:events";
import { connect } from "node:net";
import type { GrpcBrokerOptions, MutualTls } from "@sigilrt/protocol/node";
import type { HostTerms } from "./host-terms.ts";
import { listenOnSocket } from "./plugin-socket.ts";

/** How a plugin makes further connections with its host: on Unix sockets, secured as the first one. */
export function brokeredConnections(
  terms: HostTerms,
  tls: MutualTls | undefined,
): GrpcBrokerOptions {
  return {
    ...(tls === undefined ? {} : { tls }),
    async listen(accept) {
      const { server, address } = await listenOnSocket(terms);
      server.on("connection", (connection) => accept(connection.on("error", () => undefined)));
      return {
        address: { network: "unix", address },
        close: async () => void server.close(),
      };
    },
    // The host started this process and sees all that it does; where it listens is its to say.
    async connect({ network, address }, signal) {
      if (network !== "unix") throw new TypeError("the host listens on TCP, which is not spoken");
      const socket = connect(address);
      socket.on("error", () => undefined);
      try {
        await once(socket, "connect", { signal });
        return socket;
      } catch (error) {
        socket.destroy();
        throw error;
      }
    },
  };
}
