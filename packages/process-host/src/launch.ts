import type { Duplex } from "node:stream";
import type {
  InstanceGrants,
  InstanceIdentity,
  InstanceLimits,
  JsonValue,
  StartSpec,
} from "@sigilrt/lifecycle";
import { type Handshake, LIMITS } from "@sigilrt/protocol";
import {
  certificatePem,
  connectMutualTls,
  createMuxSession,
  createOneTimeCertificate,
  type GrpcBroker,
  type GrpcChannel,
  type Lane,
  type MutualTls,
  type MuxSession,
  openGrpcBroker,
  openGrpcChannel,
} from "@sigilrt/protocol/node";
import { type BoundedRing, createBoundedRing } from "./bounded-ring.ts";
import { offerCallbacks } from "./offered-callbacks.ts";
import { brokeredConnections } from "./brokered-connections.ts";
import { pluginEnvironment } from "./environment.ts";
import { readFirstLine } from "./first-line.ts";
import { acceptedHandshake, checkServing, initialise, pumpStdio } from "./greeting.ts";
import { laneOffers, negotiateLane } from "./lane-negotiation.ts";
import type { HostSettings } from "./options.ts";
import { drainLogs, type LogDrain, type StdioChunk } from "./output.ts";
import { connectPluginSocket } from "./plugin-socket.ts";
import { makePrivateDirectory, type PrivateDirectory } from "./private-directory.ts";
import { ProcessHostError } from "./process-host-error.ts";
import { createRunningCallIds, type RunningCallIds } from "./running-call-ids.ts";
import type { Address, Spawned } from "./runner.ts";
import { type StartPhase, startFailure, tearDown } from "./start-failure.ts";
import { spawnWithin } from "./spawn-within.ts";
import { limited, unlessAborted } from "./waiting.ts";

/** Everything that one start needs. */
export interface LaunchPlan {
  readonly id: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly handshake: Handshake;
  readonly versions: readonly number[];
  readonly config: Readonly<Record<string, JsonValue>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly startMs: number;
  readonly identity?: InstanceIdentity;
  readonly command?: readonly [string, ...string[]];
  readonly root?: string;
  readonly grants?: InstanceGrants;
  readonly limits?: InstanceLimits;
  readonly onRefusal?: StartSpec["onRefusal"];
}

/** A program that answered. */
export interface Launched {
  readonly spawned: Spawned;
  readonly directory: PrivateDirectory;
  readonly channel: GrpcChannel;
  readonly mux: MuxSession | undefined;
  readonly broker: GrpcBroker;
  readonly calls: RunningCallIds;
  readonly lane?: Lane;
  readonly logs: LogDrain;
  readonly stdio: BoundedRing<Omit<StdioChunk, "dropped">>;
  readonly version: number;
  readonly features: ReadonlySet<string>;
  readonly startedAt: number;
}

/** Takes a program through all steps of a start. When one fails, nothing of it is left. */
export async function launchProgram(
  plan: LaunchPlan,
  settings: HostSettings,
  stop: AbortSignal,
): Promise<Launched> {
  const whole = limited(plan.startMs, stop);
  const { signal } = whole;
  let phase: StartPhase = "prepare";
  let directory: PrivateDirectory | undefined;
  let spawned: Spawned | undefined;
  let logs: LogDrain | undefined;
  let mux: MuxSession | undefined;
  let channel: GrpcChannel | undefined;
  let broker: GrpcBroker | undefined;
  const step = async <T>(ms: number, work: (within: AbortSignal) => Promise<T>): Promise<T> => {
    const own = limited(ms, signal);
    try {
      return await unlessAborted(work(own.signal), own.signal);
    } finally {
      own.stop();
    }
  };

  try {
    signal.throwIfAborted();
    directory = await makePrivateDirectory();
    const link = settings.runner.link === true;
    const own = settings.mtls === "required" ? createOneTimeCertificate() : undefined;
    const environment = pluginEnvironment(plan.environment, {
      ...plan,
      socketDirectory: settings.runner.toPlugin({ network: "unix", address: directory.path })
        .address,
      temporary: directory.temporary,
      clientCertificate: own && certificatePem(own.certificate),
      asksMultiplex: settings.multiplex !== "off",
      link,
    });
    await recordStart(plan.id, settings);
    signal.throwIfAborted();

    phase = "spawn";
    const { id, path, args, cwd, identity, command, root, grants, limits, onRefusal } = plan;
    const request = { id, path, args, cwd, environment, directory: directory.path, link };
    const spec = {
      ...(identity === undefined ? {} : { identity }),
      ...(command === undefined ? {} : { command }),
      ...(root === undefined ? {} : { root }),
      ...(grants === undefined ? {} : { grants }),
      ...(limits === undefined ? {} : { limits }),
      ...(onRefusal === undefined ? {} : { onRefusal }),
    };
    const startedAt = settings.clock.now();
    spawned = await spawnWithin(settings, { ...request, ...spec }, signal);
    logs = drainLogs(spawned.stderr, settings.clock, Object.values(plan.secrets));
    const stdio = createBoundedRing<Omit<StdioChunk, "dropped">>(
      LIMITS.stdioRingBytes,
      ({ data }) => data.byteLength,
    );

    phase = "handshake";
    const first = readFirstLine(spawned.stdout, (data) => stdio.push({ stream: "stdout", data }));
    first.catch(() => undefined);
    const { line, skipped } = await unlessAborted(first, signal);
    if (skipped > 0) logs.note(`${skipped} lines were printed before the handshake`);
    const accepted = acceptedHandshake(line, plan.versions, own !== undefined, settings.multiplex);
    const { version, address, certificate, isMultiplexed } = accepted;

    phase = "connect";
    const policy = { directory: directory.path, uid: spawned.uid ?? process.getuid?.() };
    const program = spawned;
    const connect = async (to: Address, within: AbortSignal): Promise<Duplex> =>
      program.connect
        ? await program.connect(to, within)
        : await connectPluginSocket(settings.runner.toHost(to), policy);
    const tls = own && certificate ? { own, peer: certificate } : undefined;
    channel = await step(settings.timeouts.connectMs, async (within) => {
      const socket = await connect(address, within);
      mux = isMultiplexed ? createMuxSession(socket, { side: "host" }) : undefined;
      const main = mux?.open() ?? socket;
      const stream = tls ? await secured(main, tls, within) : main;
      return await openGrpcChannel(async () => stream, {
        signal: within,
        maxMessageBytes: settings.maxMessageBytes,
      });
    });

    phase = "health";
    const opened = channel;
    await step(settings.timeouts.healthMs, (within) => checkServing(opened, within));
    const { runner } = settings;
    broker = openGrpcBroker(
      opened,
      mux === undefined
        ? brokeredConnections({ spawned, directory, runner, tls, connect })
        : { session: mux, ...(tls === undefined ? {} : { tls }) },
    );
    void pumpStdio(opened, (chunk) => stdio.push(chunk));

    phase = "init";
    const calls = createRunningCallIds();
    const callbackId = await offerCallbacks(
      { ...plan, spawned, broker, calls, isMultiplexed },
      settings,
    );
    const offers = laneOffers(spawned, callbackId, settings);
    const known = await step(settings.timeouts.initMs, (within) =>
      initialise(opened, plan, offers, within),
    );
    phase = "negotiate";
    const asking = { ...plan, spawned, channel, calls, logs, known, ...offers };
    const agreed = await unlessAborted(negotiateLane(asking, settings, signal), signal);
    const { features, lane } = agreed;
    return {
      ...(lane === undefined ? {} : { lane }),
      spawned,
      directory,
      channel,
      mux,
      broker,
      calls,
      logs,
      stdio,
      version,
      features,
      startedAt,
    };
  } catch (error) {
    await broker?.close();
    const evidence = await tearDown({ spawned, directory, logs, channel, mux });
    throw startFailure(error, phase, evidence, stop);
  } finally {
    whole.stop();
  }
}

/** Proves that the other end of a socket is the plugin that printed the certificate. */
async function secured(socket: Duplex, tls: MutualTls, signal: AbortSignal): Promise<Duplex> {
  try {
    return await connectMutualTls(socket, tls, signal);
  } catch (cause) {
    signal.throwIfAborted();
    const state = cause instanceof Error ? cause.message : "unknown failure";
    throw new ProcessHostError("TLS_FAILED", `Cannot use the plugin: ${state}`, {
      phase: "connect",
      cause,
    });
  }
}

/** Keeps a record before the effect. */
export async function recordStart(id: string, { record, clock }: HostSettings): Promise<void> {
  try {
    await record({ type: "process.starting", id, at: clock.now() });
  } catch (error) {
    throw new ProcessHostError(
      "RECORD_FAILED",
      "Cannot start the plugin: the start could not be recorded",
      {
        phase: "prepare",
        cause: error,
      },
    );
  }
}
