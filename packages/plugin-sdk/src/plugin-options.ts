import type { GrpcBroker } from "@sigilrt/protocol/node";
import { type Channel, isChannel } from "./channel.ts";
import type { Host } from "./host.ts";
import type { JsonObject } from "./json.ts";
import type { Log } from "./log.ts";
import { isProvider, type Provider } from "./provider.ts";
import { isTool, type Tool } from "./tool.ts";

/** How a plugin is, as it says itself. */
export interface PluginHealth {
  /** `degraded` works, but not as it should. */
  readonly status: "healthy" | "degraded" | "unhealthy";
  /** A word about it. */
  readonly message?: string;
}

/** What `init` is given beside the configuration. */
export interface InitContext {
  /** Aborts when the host no longer waits for the plugin to begin. */
  readonly signal: AbortSignal;
  /** The plugin's log. */
  readonly log: Log;
  /** What the plugin may ask of the host by itself, also after `init`; absent when the host answers nothing. */
  readonly host?: Host;
  /** Makes further connections with the host, for services of an application's own; usable as long as the host is there. */
  readonly broker: GrpcBroker;
}

/** What makes a plugin. */
export interface PluginOptions {
  /** Its name; also the module of its log lines. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** The tools it offers; no two of one name. */
  readonly tools?: readonly Tool[];
  /** The messaging platform it connects, made by `defineChannel`. */
  readonly channel?: Channel;
  /** The models it gives access to, made by `defineProvider`. */
  readonly provider?: Provider;
  /**
   * Takes the configuration; secrets are in its key `secrets`. It runs once, and nothing of the plugin runs before it has ended well. When it throws,
   * the host gets the message of a `PluginFailure` or the class name of any other error, and does not use the plugin.
   */
  init?(config: JsonObject, context: InitContext): Promise<void> | void;
  /** Says how the plugin is; healthy when it is left out, unhealthy when it throws. */
  health?(): Promise<PluginHealth> | PluginHealth;
  /**
   * Ends what the plugin holds. It runs once, whatever ends the plugin but a crash, also when `init` never ran; `signal` aborts when its
   * time is over, and the process ends then.
   */
  shutdown?(signal: AbortSignal): Promise<void> | void;
}

/** Throws a `TypeError` when something in `options` is not what it must be. */
export function checkPlugin(options: PluginOptions): void {
  const { name, version, tools, channel, provider } = options;
  if (typeof name !== "string" || name === "") {
    throw new TypeError("Cannot serve a plugin: it has no name");
  }
  const refuse = (found: string): never => {
    throw new TypeError(`Cannot serve plugin ${JSON.stringify(name)}: ${found}`);
  };
  if (typeof version !== "string" || version === "") refuse("it has no version");
  if (tools === undefined && channel === undefined && provider === undefined) {
    refuse("it offers nothing: no tools, no channel and no provider");
  }
  if (tools !== undefined && (!Array.isArray(tools) || !tools.every(isTool))) {
    refuse("tools is no list of what defineTool made");
  }
  if (channel !== undefined && !isChannel(channel))
    refuse("channel is not what defineChannel made");
  if (provider !== undefined && !isProvider(provider)) {
    refuse("provider is not what defineProvider made");
  }
  for (const hook of ["init", "health", "shutdown"] as const) {
    if (!["function", "undefined"].includes(typeof options[hook])) {
      refuse(`${hook} is no function`);
    }
  }
  const names = (tools ?? []).map((tool) => tool.name);
  const twice = names.find((tool, at) => names.indexOf(tool) !== at);
  if (twice !== undefined) refuse(`two of its tools are named ${JSON.stringify(twice)}`);
}
