import { setImmediate as nextTurn } from "node:timers/promises";
import { type GrpcBroker, type Route, serverMethod, unaryRoute } from "@sigilrt/protocol/node";
import { HealthStatus, PluginLifecycle } from "@sigilrt/protocol/plugin/v1";
import { frozenJsonObject } from "./json.ts";
import type { Log } from "./log.ts";
import type { PluginHealth, PluginOptions } from "./plugin-options.ts";
import { onceEnded, type ServedPlugin } from "./served-plugin.ts";
import { wordsOf } from "./thrown.ts";

/** Whether a plugin may be used yet. */
export interface Initialisation {
  /** Whether its `init` has ended well, or it has none. */
  isDone(): boolean;
}

/** The features of the contract that this package serves. */
const FEATURES = ["tool.chunks/1", "call.cancel/1"];

/** Serves `PluginLifecycle`. */
export function lifecycleRoutes(
  served: ServedPlugin,
  broker: GrpcBroker,
): {
  readonly initialisation: Initialisation;
  readonly routes: readonly Route[];
} {
  const { plugin, lifetime, log } = served;
  let begun = false;
  let isDone = plugin.init === undefined;

  const init = async (config: object, signal: AbortSignal): Promise<string> => {
    if (begun) return "Init was called before";
    begun = true;
    try {
      await plugin.init?.(frozenJsonObject(config) ?? {}, { signal, log, broker });
      isDone = true;
      return "";
    } catch (error) {
      log.error("init failed", { error });
      return wordsOf(error, "init");
    }
  };
  const routes = [
    unaryRoute(serverMethod(PluginLifecycle.method.init), async ({ config = {} }, { signal }) => {
      const error = await init(config, signal);
      const { name, version } = plugin;
      return { ok: error === "", error, plugin: { name, version }, features: FEATURES };
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
  return { initialisation: { isDone: () => isDone }, routes };
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
