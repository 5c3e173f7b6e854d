import {
  type ExitCause,
  type ExitReport,
  LifecycleError,
  type RunningPlugin,
  type ToolSurface,
} from "@sigilrt/lifecycle";
import type { ProtocolError } from "@sigilrt/protocol";
import type { GrpcBroker, GrpcChannel } from "@sigilrt/protocol/node";
import { channelHandle } from "./channel-handle.ts";
import { callsOver } from "./lane-negotiation.ts";
import { type Connection, contractError, contractual, createConnection } from "./connection.ts";
import type { Launched } from "./launch.ts";
import { methods } from "./methods.ts";
import type { HostSettings, StopOptions } from "./options.ts";
import type { LogRecord, StdioChunk } from "./output.ts";
import { ProcessHostError, toLifecycleError } from "./process-host-error.ts";
import { healthOf, type WireLimits } from "./plugin-health.ts";
import { providerHandle } from "./provider-handle.ts";
import { stopProgram } from "./stop.ts";
import { readSurface } from "./surface.ts";
import { type CallLimits, callTool, toolUnknown } from "./tool-call.ts";
import { settlesWithin } from "./waiting.ts";

/** A program that runs as a plugin. Its methods fail as the contract of `lifecycle` says, unless another class is named. */
export interface RunningProcess extends RunningPlugin {
  /** The application version that was agreed on. */
  readonly version: number;
  /** The features both sides know. */
  readonly features: ReadonlySet<string>;
  /** How the calls of the contract travel: over gRPC, or over the lane that both sides agreed on. */
  readonly lane: "grpc" | "framed";
  /** What it writes to its error stream; the newest 1,000 lines wait for a reader. */
  readonly logs: AsyncIterable<LogRecord>;
  /** What it prints after its handshake; the newest 256 KiB wait for a reader. */
  readonly stdio: AsyncIterable<StdioChunk>;
  /** The connection itself, for services of an application's own. */
  channel(): GrpcChannel;
  /**
   * Further connections with it, for services of an application's own. Its sockets lie in the plugin's own directory, and nothing else is
   * dialed; a runner that keeps the plugin's sockets apart lets the host dial, and not the plugin.
   */
  broker(): GrpcBroker;
  /**
   * Asks whether its server still answers.
   *
   * @throws {@link ProcessHostError} `PLUGIN_CRASHED`, `PLUGIN_UNAVAILABLE`, `STOPPING`, `CANCELLED`, `CALL_FAILED`
   */
  ping(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Stops it: drain, Shutdown, SIGTERM, SIGKILL to the group. An abort of the signal jumps to SIGKILL. Closing twice is closing once. */
  close(options?: StopOptions): Promise<ExitReport>;
}

/** Wraps a launched program. */
export function runningProcess(
  id: string,
  launched: Launched,
  limits: CallLimits,
  settings: HostSettings,
): RunningProcess {
  const { spawned, channel, broker, lane, logs, stdio, mux } = launched;
  let fault: ProtocolError | undefined;
  const watchRules = async (): Promise<void> => {
    fault = await mux?.closed;
    if (fault !== undefined) logs.note(fault.message);
  };
  void watchRules();
  const intent: { cause: ExitCause; connection?: Connection } = { cause: "crashed" };
  const exited = reap(id, launched, settings, intent);
  const connection = createConnection(
    callsOver(channel, lane),
    { gone: spawned.exited, exited, fault: () => fault },
    launched.calls,
  );
  intent.connection = connection;
  // A plugin is single-use: without its connection it is of no use, even if its process lives.
  const endWithConnection = async (): Promise<void> => {
    await Promise.race([channel.closed, ...(lane === undefined ? [] : [lane.closed])]);
    const violation = lane?.violation();
    if (violation !== undefined) logs.note(violation.message);
    connection.refuseNew();
    // One that broke the rules has nothing left to say.
    const ended = await settlesWithin(spawned.exited, fault === undefined ? 250 : 0);
    if (!ended && closing === undefined) await spawned.kill("SIGKILL");
  };

  let closing: Promise<ExitReport> | undefined;
  void endWithConnection();
  let offered: ReadonlySet<string> = new Set();
  const close = (options: StopOptions = {}): Promise<ExitReport> =>
    (closing ??= contractual(() =>
      stopProgram(launched, connection, exited, intent, settings.graces, options),
    ));

  const describe = async (signal: AbortSignal | undefined): Promise<ToolSurface> => {
    const surface = await connection
      .unary(
        methods.describe,
        {},
        { timeoutMs: limits.callMs, ...(signal === undefined ? {} : { signal }) },
      )
      .then(readSurface, withoutTools);
    offered = new Set(surface.tools.map(({ name }) => name));
    return surface;
  };

  return {
    version: launched.version,
    features: launched.features,
    lane: lane === undefined ? "grpc" : "framed",
    logs: logs.logs,
    stdio: { [Symbol.asyncIterator]: () => stdioChunks(stdio.items) },
    exited,
    channel: () => channel,
    broker: () => broker,
    ping: async ({ signal } = {}) => {
      const options = { timeoutMs: 5000, ...(signal === undefined ? {} : { signal }) };
      await connection.unary(methods.check, { service: "plugin" }, options);
      await connection.ping(options);
    },
    describe: ({ signal } = {}) => contractual(() => describe(signal)),
    async *call(request, options) {
      try {
        options.signal.throwIfAborted();
        if (!offered.has(request.tool)) await describe(options.signal);
        if (!offered.has(request.tool)) throw toolUnknown(request.tool);
        yield* callTool(connection, request, options, limits, settings.clock);
      } catch (error) {
        if (options.signal.aborted && !(error instanceof ProcessHostError))
          throw cancelled(options.signal.reason);
        throw contractError(error);
      }
    },
    open: (kind, { signal }) =>
      contractual(async () => {
        const options = { timeoutMs: 5000, ...(signal === undefined ? {} : { signal }) };
        if (!(await serves(connection, kind, options))) {
          throw new LifecycleError(
            "TYPE_UNSUPPORTED",
            `Cannot open the ${kind} service: the plugin does not serve it`,
          );
        }
        return kind === "channel"
          ? channelHandle(connection, settings.clock)
          : providerHandle(connection, settings.clock);
      }),
    health: ({ signal } = {}) =>
      contractual(() =>
        healthOf(connection, { timeoutMs: 5000, ...(signal === undefined ? {} : { signal }) }),
      ),
    close,
    [Symbol.asyncDispose]: async () => {
      await close();
    },
  };
}

/** Waits for the end of a program and takes away what is left of it. */
async function reap(
  id: string,
  launched: Launched,
  settings: HostSettings,
  intent: { readonly cause: ExitCause; readonly connection?: Connection },
): Promise<ExitReport> {
  const { spawned, logs, stdio, channel, mux, broker, lane, directory, startedAt } = launched;
  const end = await spawned.exited;
  const callsInFlight = intent.connection?.inFlight() ?? 0;
  // A leader that leaves early may leave children behind.
  await spawned.kill("SIGKILL").catch(() => undefined);
  await broker.close();
  await channel.close();
  await mux?.close();
  await lane?.close();
  spawned.link?.destroy();
  await settlesWithin(logs.ended, 500);
  spawned.stdout.destroy();
  spawned.stderr.destroy();
  stdio.end();
  const diagnosis = await spawned.diagnose().catch(() => "");
  await spawned.release?.().catch(() => undefined);
  await directory.remove().catch(() => logs.note("The private folder could not be removed"));
  const report: ExitReport = Object.freeze({
    cause: intent.cause,
    ...end,
    uptimeMs: settings.clock.now() - startedAt,
    callsInFlight,
    stderrTail: logs.tail(),
    ...(diagnosis === "" ? {} : { diagnosis }),
  });
  await settings
    .record({ type: "process.exited", id, at: settings.clock.now(), exit: report })
    .catch(() => logs.note("The end of the plugin could not be recorded"));
  return report;
}

async function* stdioChunks(
  items: AsyncIterable<{ readonly item: Omit<StdioChunk, "dropped">; readonly dropped: number }>,
): AsyncGenerator<StdioChunk, void, undefined> {
  for await (const { item, dropped } of items) yield { ...item, dropped };
}

function withoutTools(error: unknown): ToolSurface {
  if (error instanceof ProcessHostError && error.code === "UNIMPLEMENTED") return { tools: [] };
  throw error;
}

/** Asks harmless questions; a service that answers any of them is served. */
async function serves(
  connection: Connection,
  kind: "channel" | "provider",
  options: WireLimits,
): Promise<boolean> {
  return kind === "channel"
    ? (await answered(connection.unary(methods.channelIdentity, {}, options))) ||
        (await answered(connection.unary(methods.channelProfile, {}, options)))
    : (await answered(connection.unary(methods.providerStatus, {}, options))) ||
        (await answered(connection.unary(methods.providerModels, {}, options)));
}

async function answered(question: Promise<unknown>): Promise<boolean> {
  try {
    await question;
    return true;
  } catch (error) {
    if (!(error instanceof ProcessHostError)) throw error;
    if (error.code === "UNIMPLEMENTED") return false;
    if (error.code === "CALL_FAILED") return true;
    throw error;
  }
}

const cancelled = (reason: unknown): LifecycleError =>
  toLifecycleError(
    new ProcessHostError("CANCELLED", "Cannot finish the call: the caller cancelled it", {
      phase: "call",
      cause: reason,
    }),
  );
