import { realpath } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { LifecycleError, type PluginHost, type StartSpec } from "@sigilrt/lifecycle";
import { type Handshake, handshake, type ReattachTicket } from "@sigilrt/protocol";
import { attachProgram } from "./attach.ts";
import { resolveCommand } from "./command.ts";
import { contractError } from "./connection.ts";
import { type Launched, type LaunchPlan, launchProgram } from "./launch.ts";
import { type HostSettings, hostSettings, type ProcessHostOptions } from "./options.ts";
import { ProcessHostError } from "./process-host-error.ts";
import { type RunningProcess, runningProcess } from "./running-process.ts";
import type { CallLimits } from "./tool-call.ts";

/** A program to start outside a verified tree. */
export interface Command {
  /** Absolute path of the program. */
  readonly path: string;
  /** Its arguments. No shell. */
  readonly args?: readonly string[];
  /** Its working directory; `/` by default. */
  readonly cwd?: string;
  /** Its environment beside the documented variables. */
  readonly environment?: {
    /** Names taken over from the host; `PATH`, `LANG`, `LC_ALL`, `LC_CTYPE` and `TZ` by default. */
    readonly inherit?: readonly string[];
    /** Values set; they win over inherited ones. */
    readonly set?: Readonly<Record<string, string>>;
  };
}

/** How a program is launched. */
export interface LaunchOptions {
  /** Names it in records; the program's path by default. */
  readonly id?: string;
  /** Its own handshake; that of Sigil plugins by default. */
  readonly handshake?: Handshake;
  /** Application versions offered; the handshake's by default. */
  readonly versions?: readonly number[];
  /** Ends the start early. */
  readonly signal?: AbortSignal;
}

/** Runs plugins that are programs of their own. */
export interface ProcessHost extends PluginHost {
  /** As the contract says; the failure's `cause` is a {@link ProcessHostError}. */
  start(
    id: string,
    spec: StartSpec,
    options?: { readonly signal?: AbortSignal },
  ): Promise<RunningProcess>;
  /**
   * Starts any go-plugin program that speaks gRPC on a Unix socket, with its own handshake, versions and environment.
   *
   * @throws {@link ProcessHostError} the codes of a start, `CANCELLED`, `STOPPING`
   */
  launch(command: Command, options?: LaunchOptions): Promise<RunningProcess>;
  /**
   * Attaches to a program that somebody started by hand to debug it; `parseReattach` of `@sigilrt/protocol` reads what it prints. There are
   * no logs, no TLS and no multiplexing, whatever the host's options say. It gets a signal only if its process id and start time match the
   * ticket; a ticket of a test forbids signals and `Shutdown`, and closing lets go of it.
   *
   * @throws {@link ProcessHostError} `REATTACH_REFUSED`, the codes of a start from `connect` on, `CANCELLED`, `STOPPING`
   */
  attach(ticket: ReattachTicket, options?: LaunchOptions): Promise<RunningProcess>;
}

/**
 * Makes a host. Nothing runs until `start` or `launch`.
 *
 * @throws {@link ProcessHostError} `UNIMPLEMENTED` for an option that asks for what this version does not have
 * @throws TypeError, RangeError for what is no option
 */
export function createProcessHost(options: ProcessHostOptions): ProcessHost {
  const settings = hostSettings(options);
  const foreignLimits = {
    callMs: 60_000,
    idleMs: 60_000,
    maxResultBytes: settings.maxMessageBytes,
  };
  const running = new Set<RunningProcess>();
  const starting = new Set<Promise<unknown>>();
  const closing = new AbortController();
  let closed: Promise<void> | undefined;

  const run = async (
    id: string,
    begin: (stop: AbortSignal) => Promise<Launched>,
    limits: CallLimits,
    signal: AbortSignal | undefined,
    own: HostSettings = settings,
  ): Promise<RunningProcess> => {
    if (closing.signal.aborted) throw closing.signal.reason;
    const stop = AbortSignal.any([closing.signal, ...(signal === undefined ? [] : [signal])]);
    const launching = begin(stop);
    starting.add(launching);
    try {
      const plugin = runningProcess(id, await launching, limits, own);
      running.add(plugin);
      void plugin.exited.then(() => running.delete(plugin));
      return plugin;
    } finally {
      starting.delete(launching);
    }
  };

  const close = async (): Promise<void> => {
    closing.abort(new ProcessHostError("STOPPING", "Cannot start a plugin: the host is closed"));
    await Promise.allSettled(starting);
    // Newest first, begun in that order; one that takes long holds none of the others back.
    await Promise.all([...running].toReversed().map((plugin) => plugin.close()));
  };
  const closeOnce = (): Promise<void> => (closed ??= close());

  return {
    adapters: Object.freeze(["grpc"]),
    start: async (id, spec, { signal } = {}) => {
      try {
        if (signal?.aborted === true) throw cancelledBefore(signal.reason);
        const plan = await planOf(id, spec);
        const begin = (stop: AbortSignal) => launchProgram(plan, settings, stop);
        return await run(id, begin, spec.limits, signal);
      } catch (error) {
        throw contractError(error);
      }
    },
    launch: async (command, launchOptions = {}) => {
      const { signal } = launchOptions;
      if (signal?.aborted === true) throw cancelledBefore(signal.reason);
      const plan = planOfCommand(command, launchOptions, settings.timeouts.startMs);
      const begin = (stop: AbortSignal) => launchProgram(plan, settings, stop);
      return await run(plan.id, begin, foreignLimits, signal);
    },
    attach: async (ticket, launchOptions = {}) => {
      const {
        signal,
        id = ticket.address,
        handshake: { protocolVersion } = handshake,
      } = launchOptions;
      if (signal?.aborted === true) throw cancelledBefore(signal.reason);
      const { versions = [protocolVersion] } = launchOptions;
      const begin = (stop: AbortSignal) => attachProgram({ id, ticket, versions }, settings, stop);
      const graces = ticket.isTest
        ? { ...settings.graces, shutdownMs: 0, terminateMs: 0 }
        : settings.graces;
      return await run(id, begin, foreignLimits, signal, { ...settings, graces });
    },
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}

async function planOf(id: string, spec: StartSpec): Promise<LaunchPlan> {
  if (spec.adapter !== "grpc") {
    throw new LifecycleError(
      "TYPE_UNSUPPORTED",
      `Cannot start plugin ${JSON.stringify(id)}: this host serves the adapter grpc alone`,
    );
  }
  if (Object.hasOwn(spec.config, "secrets") && Object.keys(spec.secrets).length > 0) {
    throw new ProcessHostError(
      "ENVIRONMENT_REFUSED",
      'Cannot start the plugin: its configuration has a key "secrets" besides its secrets',
      { phase: "prepare" },
    );
  }
  const { path, args } = await resolveCommand(spec);
  const { identity, root, environment, config, secrets, grants, limits, onRefusal } = spec;
  const named = "command" in spec.entry ? { command: spec.entry.command } : {};
  const facts = { id, path, args, environment, config, secrets, identity, root, grants, limits };
  return {
    ...facts,
    ...named,
    ...(onRefusal === undefined ? {} : { onRefusal }),
    cwd: await realpath(root),
    handshake,
    versions: [handshake.protocolVersion],
    startMs: limits.startMs,
  };
}

const INHERITED = ["PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ"];

function planOfCommand(command: Command, options: LaunchOptions, startMs: number): LaunchPlan {
  const { path, args = [], cwd = "/", environment = {} } = command;
  if (!isAbsolute(path) || !isAbsolute(cwd)) {
    throw new ProcessHostError(
      "COMMAND_NOT_ABSOLUTE",
      "Cannot launch a program: its path or working directory is not absolute",
      { phase: "prepare" },
    );
  }
  const inherited = (environment.inherit ?? INHERITED).flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const own = options.handshake ?? handshake;
  return {
    id: options.id ?? path,
    path,
    args,
    cwd,
    environment: { ...Object.fromEntries(inherited), ...environment.set },
    handshake: own,
    versions: options.versions ?? [own.protocolVersion],
    config: {},
    secrets: {},
    startMs,
  };
}

const cancelledBefore = (reason: unknown): ProcessHostError =>
  new ProcessHostError("CANCELLED", "Cannot start the plugin: the caller cancelled it", {
    phase: "prepare",
    cause: reason,
  });
