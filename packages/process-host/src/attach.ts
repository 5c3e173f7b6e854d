import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { LIMITS, type ReattachTicket } from "@sigilrt/protocol";
import {
  type GrpcBroker,
  type GrpcChannel,
  openGrpcBroker,
  openGrpcChannel,
} from "@sigilrt/protocol/node";
import { createBoundedRing } from "./bounded-ring.ts";
import { brokeredConnections } from "./brokered-connections.ts";
import { checkServing, initialise, pumpStdio } from "./greeting.ts";
import { type Launched, recordStart } from "./launch.ts";
import { laneOffers, negotiateLane } from "./lane-negotiation.ts";
import { offerCallbacks } from "./offered-callbacks.ts";
import type { HostSettings } from "./options.ts";
import { drainLogs, type StdioChunk } from "./output.ts";
import { connectPluginSocket } from "./plugin-socket.ts";
import { makePrivateDirectory, type PrivateDirectory } from "./private-directory.ts";
import { ProcessHostError } from "./process-host-error.ts";
import { createRunningCallIds } from "./running-call-ids.ts";
import type { Address, Spawned } from "./runner.ts";
import { type StartPhase, startFailure, tearDown } from "./start-failure.ts";
import { limited } from "./waiting.ts";

/** What attaching needs. */
export interface AttachPlan {
  readonly id: string;
  readonly ticket: ReattachTicket;
  readonly versions: readonly number[];
}

/** Takes a program that somebody else started through the steps of a start that follow its handshake: no TLS, no logs. */
export async function attachProgram(
  { id, ticket, versions }: AttachPlan,
  settings: HostSettings,
  stop: AbortSignal,
): Promise<Launched> {
  const whole = limited(settings.timeouts.startMs, stop);
  const { signal } = whole;
  let phase: StartPhase = "prepare";
  let directory: PrivateDirectory | undefined;
  let channel: GrpcChannel | undefined;
  let broker: GrpcBroker | undefined;
  try {
    const { version, address: path } = ticket;
    if (!versions.includes(version))
      refuse(`it serves version ${version}, offered were ${versions.join(", ")}`);
    const isThere = await isProcess(ticket);
    if (!isThere) refuse(`process ${ticket.pid} is gone, or is another one of the same id`);
    directory = await makePrivateDirectory();
    await recordStart(id, settings);
    const startedAt = settings.clock.now();
    const spawned = foreignProcess(ticket);
    const { stdout, stderr } = spawned;
    stdout.resume();
    const logs = drainLogs(stderr, settings.clock, []);
    const stdio = createBoundedRing<Omit<StdioChunk, "dropped">>(
      LIMITS.stdioRingBytes,
      ({ data }) => data.byteLength,
    );

    phase = "connect";
    const policy = { directory: dirname(path), uid: process.getuid?.() };
    const connect = (to: Address) => connectPluginSocket(to, policy);
    const socket = await connect({ network: "unix", address: path });
    const { maxMessageBytes, runner } = settings;
    const opened = await openGrpcChannel(async () => socket, { signal, maxMessageBytes });
    channel = opened;

    phase = "health";
    await checkServing(opened, signal);
    const places = { spawned, directory, runner, tls: undefined, connect };
    broker = openGrpcBroker(opened, brokeredConnections(places));
    void pumpStdio(opened, (chunk) => stdio.push(chunk));

    phase = "init";
    const calls = createRunningCallIds();
    const asking = { id, spawned, broker, calls, isMultiplexed: false };
    const callbackId = await offerCallbacks(asking, settings);
    const facts = { config: {}, secrets: {} };
    const offers = laneOffers(spawned, callbackId, settings);
    const known = await initialise(opened, facts, offers, signal);
    phase = "negotiate";
    const { features } = await negotiateLane(
      { ...asking, channel, logs, known, ...offers },
      settings,
      signal,
    );
    const mux = undefined;
    const made = { spawned, directory, channel, mux, broker, calls, logs, stdio };
    return { ...made, version, features, startedAt };
  } catch (error) {
    await broker?.close();
    const remains = { spawned: undefined, directory, logs: undefined, channel, mux: undefined };
    throw startFailure(error, phase, await tearDown(remains), stop);
  } finally {
    whole.stop();
  }
}

const WATCH_MS = 250;

/** A process that this host did not start: it hears signals alone if it is surely the one of the ticket, and none if that forbids them. */
function foreignProcess(ticket: ReattachTicket): Spawned {
  const ended = Promise.withResolvers<{ readonly code?: number; readonly signal?: string }>();
  const look = async (): Promise<void> => {
    if (!(await isProcess(ticket))) letGo();
  };
  const watch = setInterval(() => void look(), WATCH_MS);
  watch.unref();
  const letGo = (): void => {
    clearInterval(watch);
    ended.resolve({});
  };
  return {
    pid: ticket.pid,
    stdout: Readable.from([]),
    stderr: Readable.from([]),
    exited: ended.promise,
    async kill(signal) {
      const mayBeSignalled = !ticket.isTest && ticket.startTime !== undefined;
      if (mayBeSignalled && (await isProcess(ticket))) process.kill(ticket.pid, signal);
      else letGo();
    },
    diagnose: async () => "",
  };
}

/** Whether the process of a ticket is there. An id alone is also true for strangers and for the dead that nobody has buried. */
async function isProcess({ pid, startTime }: ReattachTicket): Promise<boolean> {
  if (process.platform === "linux") {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    // The name of the program, in parentheses, may hold anything.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (stat === "" || state === "Z" || state === "X") return false;
    return startTime === undefined || rest[18] === startTime;
  }
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function refuse(found: string): never {
  throw new ProcessHostError("REATTACH_REFUSED", `Cannot attach to the plugin: ${found}`, {
    phase: "prepare",
  });
}
