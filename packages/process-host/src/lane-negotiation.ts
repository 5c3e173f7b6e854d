import type { Duplex } from "node:stream";
import type { InstanceIdentity } from "@sigilrt/lifecycle";
import { ProtocolError, STATUS } from "@sigilrt/protocol";
import {
  type GrpcCallOptions,
  type GrpcChannel,
  isUsableTerms,
  type Lane,
  LANE_TERMS,
  LANE_VERSION,
  type LaneTerms,
  openLane,
} from "@sigilrt/protocol/node";
import { HostCallbacks, type OpenLaneResponse } from "@sigilrt/protocol/plugin/v1";
import { callbackRoutes } from "./callback-routes.ts";
import { methods } from "./methods.ts";
import type { HostSettings } from "./options.ts";
import type { LogDrain } from "./output.ts";
import { ProcessHostError } from "./process-host-error.ts";
import type { RunningCallIds } from "./running-call-ids.ts";
import type { Spawned } from "./runner.ts";

/** How the calls of the contract travel. */
export interface Calls extends Pick<GrpcChannel, "unary" | "stream"> {
  /** Asks by the lane, where there is one, whether the plugin still reads. */
  ping(options: GrpcCallOptions): Promise<void>;
}

interface AskedPlugin {
  readonly id: string;
  readonly identity?: InstanceIdentity | undefined;
  readonly spawned: Spawned;
  readonly channel: GrpcChannel;
  readonly calls: RunningCallIds;
  readonly logs: LogDrain;
  /** The features both sides know. */
  readonly known: ReadonlySet<string>;
  /** Where the callbacks are served besides. */
  readonly callbackBrokerId: number | undefined;
}

interface Agreed {
  readonly features: ReadonlySet<string>;
  readonly lane?: Lane;
}

const LANE = "lane.framed/1";
const CALLBACKS = "host.callbacks/1";

/** Says what a plugin is offered beside the kept contract: callbacks also where it reaches no socket of the host, by the lane. */
export function laneOffers(
  { link }: Spawned,
  callbackBrokerId: number | undefined,
  { lane, callbacks }: HostSettings,
) {
  const hasLane = lane !== "off" && link !== undefined;
  return {
    callbackBrokerId,
    callbacks: callbackBrokerId !== undefined || (hasLane && callbacks !== undefined),
    lane: hasLane,
  };
}

/**
 * Agrees on the lane with a plugin that knows it. One that does not is served over gRPC; where the lane is required it fails with a
 * {@link ProcessHostError} `LANE_UNAVAILABLE`.
 */
export async function negotiateLane(
  plugin: AskedPlugin,
  settings: HostSettings,
  signal: AbortSignal,
): Promise<Agreed> {
  const { spawned, known, logs } = plugin;
  const { link } = spawned;
  if (link === undefined || settings.lane === "off") return withoutLane(plugin, settings, "");
  if (!known.has(LANE)) return withoutLane(plugin, settings, "it does not know it");
  try {
    const answer = await askForLane(plugin.channel, signal);
    return { features: known, lane: opened(link, plugin, settings, answer) };
  } catch (error) {
    const isUnknown = error instanceof ProtocolError && error.status === STATUS.UNIMPLEMENTED;
    const found = error instanceof Error ? error.message : "unknown failure";
    if (!isUnknown) logs.note(`The plugin knows the lane and does not open it: ${found}`);
    return withoutLane(plugin, settings, found, error);
  }
}

/** Answers the calls of a plugin: over the lane what that carries, and over gRPC what it does not. */
export function callsOver(channel: GrpcChannel, lane: Lane | undefined): Calls {
  const by = (path: string) => (lane?.carries(path) === true ? lane : channel);
  return {
    unary: (method, message, options) => by(method.path).unary(method, message, options),
    stream: (method, message, options) => by(method.path).stream(method, message, options),
    ping: async (options) => lane?.ping(options),
  };
}

async function askForLane(
  channel: GrpcChannel,
  signal: AbortSignal,
): Promise<{ readonly paths: readonly string[]; readonly terms: LaneTerms }> {
  const answer = await channel.unary(
    methods.openLane,
    { versions: [LANE_VERSION], ...LANE_TERMS },
    { signal, timeoutMs: OPEN_MS },
  );
  const terms = termsOf(answer);
  const { version, methods: paths } = answer;
  if (version !== LANE_VERSION || !isUsableTerms(terms) || paths.length > MOST_METHODS) {
    throw new ProcessHostError(
      "PLUGIN_MISBEHAVED",
      `version ${version}, ${paths.length} methods, or a limit, is outside of what a lane can have`,
      { phase: "negotiate" },
    );
  }
  return { paths, terms };
}

/** One question, which a plugin that knows the lane answers at once. */
const OPEN_MS = 2000;
/** A number has two bytes. */
const MOST_METHODS = 65_535;

const termsOf = ({
  maxFrameBytes,
  streamCreditBytes,
  laneCreditBytes,
}: OpenLaneResponse): LaneTerms => ({ maxFrameBytes, streamCreditBytes, laneCreditBytes });

function opened(
  link: Duplex,
  plugin: AskedPlugin,
  { callbacks, maxMessageBytes }: HostSettings,
  { paths, terms }: { readonly paths: readonly string[]; readonly terms: LaneTerms },
): Lane {
  const routes = new Map(
    (callbacks === undefined ? [] : callbackRoutes(callbacks, plugin)).map((route) => [
      route.path,
      route,
    ]),
  );
  return openLane(link, {
    role: "host",
    methods: paths,
    routes: CALLBACK_PATHS.map((path) => routes.get(path)),
    peer: terms,
    maxMessageBytes,
  });
}

/** Callbacks are numbered as they stand in the contract. */
const CALLBACK_PATHS = HostCallbacks.methods.map(
  ({ name }) => `/${HostCallbacks.typeName}/${name}`,
);

function withoutLane(
  { known, spawned, callbackBrokerId }: AskedPlugin,
  { lane }: HostSettings,
  found: string,
  cause?: unknown,
): Agreed {
  if (lane === "required") {
    const state = spawned.link === undefined ? "its runner shares no descriptor 3" : found;
    throw new ProcessHostError(
      "LANE_UNAVAILABLE",
      `Cannot use the plugin by the lane, which is required: ${state}; write lane: "auto" to use gRPC in its place`,
      { phase: "negotiate", cause },
    );
  }
  const lost = callbackBrokerId === undefined ? [LANE, CALLBACKS] : [LANE];
  return { features: new Set([...known].filter((feature) => !lost.includes(feature))) };
}
