import type { IncomingMessage, ServerResponse } from "node:http";
import type { PluginManager, Principal } from "@sigilrt/manager";
import { serveLines, type Serving } from "./eras.ts";
import { createFaultReport } from "./faults.ts";
import { HttpDoor } from "./http-door.ts";
import { LineConnection } from "./line-connection.ts";
import { Offers } from "./offers.ts";
import { OpenWork } from "./open-work.ts";
import { type McpEndpointOptions, settle, type StdioStreams } from "./options.ts";
import { createSlots, createUserSlots } from "./slots.ts";
import { Tools } from "./tools.ts";

/** Serves the tools of a manager over MCP. */
export interface McpEndpoint extends AsyncDisposable {
  /**
   * Answers one request at `/mcp` or `/mcp/<workspace>`. Resolves when the client has the answer, or has left and its call has
   * ended. Never rejects.
   */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /**
   * Answers one client, whoever it is, as `principal`. Resolves when the input has ended and its requests are answered, or when
   * nobody reads the output any more. The streams stay the caller's.
   *
   * @throws Error when the endpoint is closed
   */
  serveStdio(streams: StdioStreams, principal: Principal): Promise<void>;
  /**
   * Refuses new requests and lets open ones finish, until `drainMs` is over or the signal aborts; then it ends them. Resolves when
   * none is left. Closing twice is closing once. The manager stays open.
   */
  close(options?: {
    /** Aborts when open requests are to be ended at once. */
    readonly signal?: AbortSignal;
  }): Promise<void>;
}

/**
 * Makes an endpoint that serves the tools of a manager over MCP, in the eras 2026-07-28 and 2025-11-25.
 *
 * @throws TypeError without a token verifier or accepted hosts; RangeError for a limit that is no positive integer
 */
export function createMcpEndpoint(
  manager: PluginManager,
  options: McpEndpointOptions,
): McpEndpoint {
  const settings = settle(options);
  const { clock, limits } = settings;
  const slots = createSlots(limits.requests);
  const userSlots = createUserSlots(limits.requestsPerUser);
  const work = new OpenWork();
  const serving: Serving = {
    tools: new Tools(manager, settings.names),
    offers: new Offers(manager, settings.names),
    reportFault: createFaultReport(settings),
  };
  const door = new HttpDoor(settings, serving, { slots, userSlots }, work);

  let closing: Promise<void> | undefined;
  const close: McpEndpoint["close"] = ({ signal } = {}) => {
    closing ??= work.close((drained) => {
      const stop = signal ? AbortSignal.any([signal, drained]) : drained;
      return clock.sleep(limits.drainMs, stop).catch(() => undefined);
    });
    return closing;
  };

  return {
    handle: (request, response) => door.handle(request, response),
    async serveStdio(streams, principal) {
      if (work.closing.aborted) throw new Error("Cannot serve a client: the endpoint is closed");
      const around = { settings, serving, slots, userSlots, closing: work.closing };
      const connection = new LineConnection(streams, principal, around);
      work.add(connection);
      try {
        await serveLines(connection, serving);
      } finally {
        await connection.end();
      }
    },
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}
