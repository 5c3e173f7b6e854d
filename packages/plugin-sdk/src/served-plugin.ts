import type { Duplex } from "node:stream";
import type { GrpcBrokerOptions, MuxBrokerOptions, RouteContext } from "@sigilrt/protocol/node";
import type { Lifetime } from "./lifetime.ts";
import type { Log } from "./log.ts";
import type { OutputRing } from "./output-ring.ts";
import type { PluginOptions } from "./plugin-options.ts";
import type { RunningCalls } from "./running-calls.ts";

/** What the services of a plugin work with. */
export interface ServedPlugin {
  readonly plugin: PluginOptions;
  readonly calls: RunningCalls;
  readonly lifetime: Lifetime;
  readonly log: Log;
  /** Tells the time of deadlines, in milliseconds since the epoch; the machine's when it is left out. */
  readonly now?: () => number;
  readonly printed: OutputRing;
  /** What a lane can be opened on, when the host shares it. */
  readonly link?: Duplex | undefined;
  /** Whether hosts come and go, so that each of them may call Init. */
  readonly isDebugged: boolean;
  /** How further connections are made. */
  readonly brokered: GrpcBrokerOptions | MuxBrokerOptions;
}

/** Calls `act` once a call has ended on the wire, which includes that its answer is out. */
export function onceEnded({ signal }: RouteContext, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener("abort", act, { once: true });
}
