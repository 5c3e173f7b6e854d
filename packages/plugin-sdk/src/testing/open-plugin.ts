import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { LIMITS } from "@sigilrt/protocol";
import {
  clientMethod,
  type GrpcChannel,
  type Lane,
  LANE_TERMS,
  LANE_VERSION,
  openGrpcChannel,
  openLane,
} from "@sigilrt/protocol/node";
import {
  type DescribeResponse,
  Lane as LaneContract,
  PluginLifecycle,
  Tool,
} from "@sigilrt/protocol/plugin/v1";
import type { JsonObject } from "../json.ts";
import { createLifetime } from "../lifetime.ts";
import { createLog } from "../log.ts";
import { createOutputRing } from "../output-ring.ts";
import { checkPlugin, type PluginOptions } from "../plugin-options.ts";
import { createRunningCalls } from "../running-calls.ts";
import { createServices } from "../services.ts";
import { answerOf } from "./answer-of.ts";
import { type FakeHost, fakeHostRoutes } from "./fake-host.ts";
import { streamPair } from "./stream-pair.ts";
import type { CallOptions, OfferedTool, TestedPlugin } from "./tested-plugin.ts";

/** How a plugin is opened for its tests. */
export interface OpenPluginOptions {
  /** What `init` is given; secrets are in its key `secrets`. */
  readonly config?: JsonObject;
  /** What its host answers; nothing when it is left out. Like a contained plugin it may ask once `init` has ended. */
  readonly host?: FakeHost;
  /** Tells the time of log lines and deadlines; the machine's by default. Timeouts themselves run on real timers. */
  readonly clock?: {
    /** Milliseconds since the epoch. */
    now(): number;
  };
}

/** A line of a plugin's log. */
export interface LoggedLine {
  /** `debug`, `info`, `warn` or `error`. */
  readonly level: string;
  /** What it says. */
  readonly message: string;
  /** When, as an ISO date. */
  readonly at: string;
  /** Its facts. */
  readonly fields: JsonObject;
}

/** A plugin that runs in the process of its tests. */
export interface OpenedPlugin extends TestedPlugin, AsyncDisposable {
  /** What it logged so far. */
  readonly logs: readonly LoggedLine[];
  /** Calls that run in it now. */
  callsInFlight(): number;
  /** Shuts it down as a host does; answers whether its hook ended well in time. */
  shutdown(timeoutSeconds?: number): Promise<boolean>;
  /** Ends it. Closing twice is closing once. */
  close(): Promise<void>;
}

const methods = {
  init: clientMethod(PluginLifecycle.method.init),
  shutdown: clientMethod(PluginLifecycle.method.shutdown),
  openLane: clientMethod(LaneContract.method.open),
  describe: clientMethod(Tool.method.describe),
  execute: clientMethod(Tool.method.execute),
};

/**
 * Opens a plugin in this process, begun by `init` and called by the native lane: the services and codecs are those that a real host
 * reaches it by, and nothing is printed, listened on or exited. What the plugin prints is not captured.
 *
 * @throws Error when `init` refuses, with its words
 * @throws TypeError when something in `plugin` is not what it must be
 */
export async function openPlugin(
  plugin: PluginOptions,
  options: OpenPluginOptions = {},
): Promise<OpenedPlugin> {
  checkPlugin(plugin);
  const { config = {}, host, clock = { now: () => Date.now() } } = options;
  const logs: LoggedLine[] = [];
  const sink = { write: (line: string) => void logs.push(lineOf(line)), pending: () => 0 };
  const log = createLog(plugin.name, sink, () => new Date(clock.now()));
  const calls = createRunningCalls();
  const printed = createOutputRing(LIMITS.stdioRingBytes);
  const nothing = (): undefined => undefined;
  const lifetime = createLifetime({
    plugin,
    calls,
    log,
    printed,
    release: nothing,
    leave: nothing,
  });
  const [near, far] = streamPair();
  const [ourLink, link] = streamPair();
  const brokered = { listen: noSockets, connect: noSockets };
  const now = (): number => clock.now();
  const io = { log, printed, link, brokered, isDebugged: false };
  const services = createServices({ plugin, calls, lifetime, now, ...io });
  services.server.accept(far);
  const channel = await openGrpcChannel(async () => near);
  let lane: Lane | undefined;
  const close = async (): Promise<void> => {
    await lifetime.stop("the test is over", 1500);
    await lane?.close();
    await channel.close();
    await services.broker.close();
    await services.server.close();
    link.destroy();
  };
  let closing: Promise<void> | undefined;
  const closeOnce = (): Promise<void> => (closing ??= close());
  try {
    await begin(channel, config, host !== undefined);
    const answer = await channel.unary(methods.openLane, {
      versions: [LANE_VERSION],
      ...LANE_TERMS,
    });
    const routes = host === undefined ? [] : fakeHostRoutes(host);
    lane = openLane(ourLink, { role: "host", methods: answer.methods, routes, peer: answer });
  } catch (error) {
    await closeOnce();
    throw error;
  }
  const carrier = lane;
  let made = 0;
  return {
    logs,
    callsInFlight: () => calls.count(),
    async describe() {
      if (!carrier.carries(methods.describe.path)) return [];
      const { tools } = await carrier.unary(methods.describe, {});
      return tools.map(offeredTool);
    },
    call(toolName, input, { signal, timeoutMs = 60_000 }: CallOptions = {}) {
      made += 1;
      const request = {
        toolName,
        arguments: JSON.stringify(input),
        callId: `call-${made}`,
        accept: ["progress", "structured", "binary", "failure"],
      };
      const within = { timeoutMs, ...(signal === undefined ? {} : { signal }) };
      return answerOf(carrier.stream(methods.execute, request, within), (value) =>
        toJson(ValueSchema, value),
      );
    },
    async shutdown(timeoutSeconds = 2) {
      const { clean } = await channel.unary(methods.shutdown, { timeoutSeconds });
      return clean;
    },
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}

async function begin(channel: GrpcChannel, config: JsonObject, asks: boolean): Promise<void> {
  const features = ["tool.chunks/1", "lane.framed/1", ...(asks ? ["host.callbacks/1"] : [])];
  const { ok, error } = await channel.unary(methods.init, {
    config: JSON.parse(JSON.stringify(config)),
    host: { name: "test", version: "1" },
    features,
  });
  if (!ok) throw new Error(`Cannot open the plugin: its init refused, ${error}`);
}

const offeredTool = ({
  name,
  description,
  inputSchema = {},
  outputSchema,
}: DescribeResponse["tools"][number]): OfferedTool => ({
  name,
  description,
  inputSchema,
  ...(outputSchema === undefined ? {} : { outputSchema }),
});

const noSockets = (): Promise<never> =>
  Promise.reject(new Error("a plugin that is tested in process has no further connections"));

function lineOf(line: string): LoggedLine {
  const {
    "@level": level,
    "@message": message,
    "@timestamp": at,
    "@module": _module,
    ...fields
  } = JSON.parse(line);
  return { level, message, at, fields };
}
