import { setImmediate as nextTurn } from "node:timers/promises";
import { type GrpcBroker, type Route, serverMethod, unaryRoute } from "@sigilrt/protocol/node";
import { HealthStatus, type InitRequest, PluginLifecycle } from "@sigilrt/protocol/plugin/v1";
import { dialHost, type HostFor, openHost } from "./host-client.ts";
import { frozenJsonObject } from "./json.ts";
import { LANE_FEATURE, type LaneService } from "./lane-service.ts";
import type { Log } from "./log.ts";
import type { PluginHealth, PluginOptions } from "./plugin-options.ts";
import { onceEnded, type ServedPlugin } from "./served-plugin.ts";
import { wordsOf } from "./thrown.ts";

/** Whether a plugin may be used yet. */
export interface Initialisation {
  /** Whether its `init` has ended well, or it has none. */
  isDone(): boolean;
  /** How calls reach the host; `undefined` when it answers nothing. */
  hostFor(): HostFor | undefined;
}

/** The features of the contract that this package serves. */
const FEATURES = ["tool.chunks/1", "call.cancel/1"];
const CALLBACKS = "host.callbacks/1";

/** Serves `PluginLifecycle`. */
export function lifecycleRoutes(
  served: ServedPlugin,
  broker: GrpcBroker,
  lane: LaneService,
): {
  readonly initialisation: Initialisation;
  readonly routes: readonly Route[];
} {
  const { plugin, lifetime, log, isDebugged } = served;
  let begun = false;
  let isDone = plugin.init === undefined;
  let hostFor: HostFor | undefined;

  const reach = async (id: number): Promise<HostFor | undefined> => {
    if (id === 0) return lane.isPossible ? openHost(lane.callbacks(undefined)) : undefined;
    try {
      const channel = await dialHost(broker, id);
      return openHost(lane.isPossible ? lane.callbacks(channel) : channel);
    } catch (error) {
      log.warn("The host offers to answer questions and cannot be reached", { error });
      return undefined;
    }
  };
  const init = async (
    { config = {}, features, callbackBrokerId }: InitRequest,
    signal: AbortSignal,
  ): Promise<string> => {
    if (begun && !isDebugged) return "Init was called before";
    begun = true;
    if (features.includes(CALLBACKS)) hostFor = await reach(callbackBrokerId);
    const own = hostFor === undefined ? {} : { host: hostFor("") };
    try {
      await plugin.init?.(frozenJsonObject(config) ?? {}, { signal, log, broker, ...own });
      isDone = true;
      return "";
    } catch (error) {
      log.error("init failed", { error });
      return wordsOf(error, "init");
    }
  };
  const routes = [
    unaryRoute(serverMethod(PluginLifecycle.method.init), async (request, { signal }) => {
      const error = await init(request, signal);
      const { name, version } = plugin;
      return {
        ok: error === "",
        error,
        plugin: { name, version },
        features: [
          ...FEATURES,
          ...(hostFor === undefined ? [] : [CALLBACKS]),
          ...(lane.isPossible ? [LANE_FEATURE] : []),
        ],
      };
    }),
    unaryRoute(serverMethod(PluginLifecycle.method.health), () => healthOf(served)),
    unaryRoute(
      serverMethod(PluginLifecycle.method.shutdown),
      async ({ timeoutSeconds, reason }, route) => {
        const clean = await lifetime.stop(
          reason === "" ? "the host shuts it down" : reason,
          graceOf(timeoutSeconds),
        );
        onceEnded(route, () => lifetime.exit());
        return { clean };
      },
    ),
  ];
  return { initialisation: { isDone: () => isDone, hostFor: () => hostFor }, routes };
}

async function healthOf({ plugin, calls, log }: ServedPlugin) {
  const asked = performance.now();
  await nextTurn();
  const eventLoopLagMs = Math.round(performance.now() - asked);
  const own = await ownHealth(plugin, log);
  return { ...own, callsInFlight: calls.count(), eventLoopLagMs };
}

async function ownHealth(plugin: PluginOptions, log: Log) {
  try {
    const { status, message = "" } = (await plugin.health?.()) ?? { status: "healthy" };
    return { status: wireStatus(status), message };
  } catch (error) {
    log.error("health failed", { error });
    return { status: HealthStatus.UNHEALTHY, message: wordsOf(error, "health") };
  }
}

function wireStatus(status: PluginHealth["status"]): HealthStatus {
  switch (status) {
    case "healthy":
      return HealthStatus.HEALTHY;
    case "degraded":
      return HealthStatus.DEGRADED;
    case "unhealthy":
      return HealthStatus.UNHEALTHY;
    default:
      status satisfies never;
      throw new TypeError("Cannot tell how the plugin is: its status is not one of three");
  }
}

const DEFAULT_GRACE_MS = 2000;
const LONGEST_GRACE_MS = 600_000;

const graceOf = (timeoutSeconds: number): number =>
  timeoutSeconds > 0 ? Math.min(timeoutSeconds * 1000, LONGEST_GRACE_MS) : DEFAULT_GRACE_MS;
