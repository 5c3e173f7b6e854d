import {
  LifecycleError,
  type PluginHost,
  type RunningPlugin,
  type StartSpec,
  type WaitingClock,
  type Waiting,
} from "@sigilrt/lifecycle";
import { LINE_LIMITS, type LineLimits } from "./line-transport.ts";
import type { McpRunner } from "./runner.ts";
import { RunningServer, startServer } from "./running-server.ts";
import { systemClock } from "./system-clock.ts";

/** What a host of MCP servers is made of. */
export interface McpHostOptions {
  /** Starts programs; the composition makes it from a sandbox. */
  readonly runner: McpRunner;
  /** How much of a line, and how many faults, it takes. */
  readonly limits?: Partial<LineLimits>;
  /** Tells and waits for time; the machine's when absent. */
  readonly clock?: WaitingClock;
}

/**
 * Makes a host that runs MCP servers on standard input and output as plugins, unmodified, for adapter `mcp-stdio`.
 *
 * @throws TypeError without a runner: running unconfined is a choice that is written down
 */
export function createMcpHost(options: McpHostOptions): PluginHost {
  // A caller without types gets the same answer as one with them.
  if (typeof options?.runner?.spawn !== "function") {
    throw new TypeError("Cannot make an MCP host: no runner; make one from a sandbox");
  }
  return new McpHost(options);
}

class McpHost implements PluginHost {
  readonly adapters: readonly string[] = Object.freeze(["mcp-stdio"]);
  readonly #options: McpHostOptions;
  readonly #closing = new AbortController();
  readonly #running: RunningServer[] = [];
  readonly #starting = new Set<Promise<unknown>>();

  constructor(options: McpHostOptions) {
    this.#options = options;
  }

  start(id: string, spec: StartSpec, options: Waiting = {}): Promise<RunningPlugin> {
    const starting = this.#start(id, spec, options);
    const settled = starting.catch(() => undefined);
    this.#starting.add(settled);
    void settled.then(() => this.#starting.delete(settled));
    return starting;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#starting);
    for (const server of this.#running.toReversed()) {
      // oxlint-disable-next-line no-await-in-loop -- newest first, one after the other
      await server.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #start(id: string, spec: StartSpec, { signal }: Waiting): Promise<RunningPlugin> {
    if (this.#closing.signal.aborted) {
      throw new LifecycleError("CLOSED", `Cannot start "${id}": the host is closed`);
    }
    const { runner, limits, clock = systemClock } = this.#options;
    const server = await startServer(id, spec, {
      runner,
      limits: { ...LINE_LIMITS, ...limits },
      clock,
      closing: this.#closing.signal,
      signal,
    });
    this.#running.push(server);
    void server.exited.then(() => this.#running.splice(this.#running.indexOf(server), 1));
    return server;
  }
}
