import type { Readable, Writable } from "node:stream";
import type { Principal } from "@sigilrt/manager";
import { parseHosts, type AcceptedHost } from "./host-check.ts";
import { systemClock } from "./system-clock.ts";
import type { ToolNames } from "./tool-names.ts";

/** Finds out who presents a token. */
export interface TokenVerifier {
  /**
   * Answers on whose behalf a token speaks, or `undefined` for a token that is none. A rejection refuses the request, and so does
   * an answer that takes longer than {@link EndpointLimits.checkMs}.
   */
  verify(
    token: string,
    options: {
      /** Aborts when nobody waits for the answer any more. */
      readonly signal: AbortSignal;
    },
  ): Promise<Principal | undefined>;
}

/** Whether a request may go on. */
export type Admission =
  | {
      /** Nothing is against it. */
      readonly ok: true;
    }
  | {
      /** It is one too many. */
      readonly ok: false;
      /** When to try again, in milliseconds from now. */
      readonly retryAfterMs?: number;
    };

/** How much an endpoint takes at once. */
export interface EndpointLimits {
  /** Bytes of one message: the body of a request, or a line; 4 MiB. */
  readonly messageBytes: number;
  /** Containers inside each other in one message; 64. */
  readonly depth: number;
  /** Requests that are open at the same time, over all clients; 256. */
  readonly requests: number;
  /** Those of one user; 64. A client that opens and never ends them leaves room for the others. */
  readonly requestsPerUser: number;
  /** Milliseconds that verifying a token, and admitting a request, may take each; 5,000. */
  readonly checkMs: number;
  /** Milliseconds that a client may leave bytes of an answer unread before its connection is cut; 30,000. */
  readonly readerMs: number;
  /** Milliseconds that open requests get to finish when the endpoint closes; 30,000. */
  readonly drainMs: number;
}

/** Waits. A test passes one that it moves by hand. */
export interface Clock {
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Something that failed inside the endpoint or its collaborators. */
export interface EndpointFault {
  /** What the client was told instead of the error. */
  readonly correlationId: string;
  /** What was thrown. */
  readonly error: unknown;
}

/** What {@link createMcpEndpoint} is made of. */
export interface McpEndpointOptions {
  /** Finds out who calls. There is no default and no way without tokens over HTTP. */
  readonly tokens: TokenVerifier;
  /**
   * Names under which this endpoint may be addressed, such as `127.0.0.1` or `tools.example:8443`: for the `Host` header, and for
   * the host of an `Origin` header where there is one. Without a port, every port.
   */
  readonly hosts: readonly string[];
  /** How tools are named in a workspace; `plugin.tool` when absent. */
  readonly names?: (workspace: string) => ToolNames;
  /** Rate limits. It may only refuse; what it admits is still decided. One that rejects, or takes too long, refuses. */
  readonly admit?: (principal: Principal, signal: AbortSignal) => Promise<Admission>;
  /** How much it takes at once. */
  readonly limits?: Partial<EndpointLimits>;
  /** Measures `checkMs` and `drainMs`; the machine's when absent. */
  readonly clock?: Clock;
  /** Hears of what clients are told only a correlation id of. */
  readonly onFault?: (fault: EndpointFault) => void;
}

/** Where one client is served line by line. */
export interface StdioStreams {
  /** What the client says. */
  readonly input: Readable;
  /** What it hears. */
  readonly output: Writable;
}

/** Options with every default in place. */
export interface Settings {
  readonly tokens: TokenVerifier;
  readonly hosts: readonly AcceptedHost[];
  readonly names: (workspace: string) => ToolNames;
  readonly admit: (principal: Principal, signal: AbortSignal) => Promise<Admission>;
  readonly limits: EndpointLimits;
  readonly clock: Clock;
  readonly onFault: (fault: EndpointFault) => void;
}

const defaults: EndpointLimits = {
  messageBytes: 4 * 1_048_576,
  depth: 64,
  requests: 256,
  requestsPerUser: 64,
  checkMs: 5_000,
  readerMs: 30_000,
  drainMs: 30_000,
};

/**
 * Applies the defaults.
 *
 * @throws TypeError when a part without default is missing or a host is no host; RangeError for a limit that limits nothing
 */
export function settle(options: McpEndpointOptions): Settings {
  // A caller without types gets the same answer as one with them.
  if (typeof options?.tokens?.verify !== "function") {
    throw new TypeError("Cannot make an MCP endpoint: no token verifier; pass `tokens`");
  }
  const limits = { ...defaults, ...options.limits };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`Cannot make an MCP endpoint: limit "${name}" is no positive integer`);
    }
  }
  return {
    tokens: options.tokens,
    hosts: parseHosts(options.hosts),
    names: options.names ?? (() => ({})),
    admit: options.admit ?? (() => Promise.resolve({ ok: true })),
    limits,
    clock: options.clock ?? systemClock,
    onFault: options.onFault ?? (() => undefined),
  };
}
