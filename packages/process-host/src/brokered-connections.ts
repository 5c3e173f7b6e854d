import { chmod } from "node:fs/promises";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import type { GrpcBrokerOptions, MutualTls } from "@sigilrt/protocol/node";
import type { PrivateDirectory } from "./private-directory.ts";
import { ProcessHostError } from "./process-host-error.ts";
import type { Address, Runner, Spawned } from "./runner.ts";

interface BrokeredPlugin {
  readonly spawned: Spawned;
  readonly directory: PrivateDirectory;
  readonly runner: Runner;
  readonly tls: MutualTls | undefined;
  /** Reaches an address of the plugin, within its own directory alone. */
  readonly connect: (address: Address, signal: AbortSignal) => Promise<Duplex>;
}

/** A plugin needs one for each brokered id; more would cost the host a descriptor each. */
const MAX_CONNECTIONS = 16;

/** How a host makes further connections with a plugin: on sockets in the plugin's directory, secured as the first one. */
export function brokeredConnections(plugin: BrokeredPlugin): GrpcBrokerOptions {
  const { spawned, directory, runner, tls, connect } = plugin;
  let sockets = 0;
  return {
    ...(tls === undefined ? {} : { tls }),
    connect,
    async listen(accept) {
      if (spawned.connect !== undefined) {
        throw new ProcessHostError(
          "UNIMPLEMENTED",
          "Cannot serve a brokered connection: the plugin's runner keeps its sockets apart, so that it reaches none of the host; dial an id of the plugin instead",
          { phase: "call" },
        );
      }
      sockets += 1;
      const path = join(directory.path, `host-${sockets}.sock`);
      const server = createServer((socket) => accept(socket.on("error", () => undefined)));
      server.maxConnections = MAX_CONNECTIONS;
      server.listen(path);
      await once(server, "listening");
      // The directory lets nobody else in meanwhile.
      await chmod(path, 0o600);
      return {
        address: runner.toPlugin({ network: "unix", address: path }),
        close: async () => void server.close(),
      };
    },
  };
}
