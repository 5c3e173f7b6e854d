import type { InstanceIdentity } from "@sigilrt/lifecycle";
import { createGrpcServer, type GrpcBroker } from "@sigilrt/protocol/node";
import { callbackRoutes } from "./callback-routes.ts";
import type { HostSettings } from "./options.ts";
import type { RunningCallIds } from "./running-call-ids.ts";
import type { Spawned } from "./runner.ts";

interface AskingPlugin {
  readonly id: string;
  readonly identity?: InstanceIdentity | undefined;
  readonly spawned: Spawned;
  readonly broker: GrpcBroker;
  readonly calls: RunningCallIds;
  /** Whether brokered connections need no socket. */
  readonly isMultiplexed: boolean;
}

/** A plugin has one connection for its callbacks; this many may ask on it at once. */
const MAX_AT_ONCE = 128;

/**
 * Serves the callbacks of the host to one plugin, for as long as its broker stands, and answers the broker id; `undefined` where there are
 * none, or where the plugin could reach no socket of the host.
 */
export async function offerCallbacks(
  plugin: AskingPlugin,
  { callbacks, maxMessageBytes }: HostSettings,
): Promise<number | undefined> {
  const { spawned, broker, isMultiplexed } = plugin;
  const isReached = isMultiplexed || spawned.connect === undefined;
  if (callbacks === undefined || !isReached || broker.ended.aborted) return undefined;
  const server = createGrpcServer(callbackRoutes(callbacks, plugin), {
    maxMessageBytes,
    maxStreams: MAX_AT_ONCE,
  });
  broker.ended.addEventListener("abort", () => void server.close(), { once: true });
  const id = broker.nextId();
  try {
    await broker.accept(id, (connection) => server.accept(connection));
    return id;
  } catch (error) {
    // A plugin without a broker ends it, and is served without callbacks.
    if (broker.ended.aborted) return undefined;
    throw error;
  }
}
