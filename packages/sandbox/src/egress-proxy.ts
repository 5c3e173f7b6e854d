import { chmod, chown, unlink } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { type EgressContext, serveConnection } from "./egress-connection.ts";
import { type EgressDecision, type EgressOutcome } from "./egress-decision.ts";
import { type Resolver, resolveByDns } from "./egress-dial.ts";
import { createGate, type EgressLimits, egressLimits } from "./egress-limits.ts";
import { type EgressRule } from "./egress-rules.ts";
import { checkRoute, type UpstreamProxy } from "./upstream.ts";
import { type Policy } from "./policy.ts";
import { quoted } from "./quoted.ts";
import { createRelayWatch, type RelayWatch } from "./relay-watch.ts";
import { createViolationQueue, type Violation, type ViolationKind } from "./violation.ts";

/** What a proxy is made from. */
export interface EgressProxyOptions {
  /** Whom it serves, and where that one may go. */
  readonly policy: Pick<Policy, "plugin" | "digest" | "egress">;
  /** An existing folder that nobody else can enter; the socket in it is `proxy.sock`. */
  readonly directory: string;
  /** Asked for the addresses of allowed names; default the name servers of this machine. */
  readonly resolve?: Resolver;
  /** The operator's proxy, through which connections go; names are resolved there, and no address is checked. */
  readonly upstream?: UpstreamProxy;
  /** Told of each decision and waited for before a byte flows. What it cannot record is refused. */
  readonly onEgress: (decision: EgressDecision) => Promise<void>;
  /** Told of each violation, in order, and waited for. */
  readonly onViolation: (violation: Violation) => Promise<void>;
}

/** A way out of a sandbox that leads to granted destinations alone. */
export interface EgressProxy extends AsyncDisposable {
  /** Path of the socket; whoever connects to it is the plugin. */
  readonly socket: string;
  /** Ends every connection. Idempotent. Rejects when a violation could not be delivered. */
  close(): Promise<void>;
}

/** What a launch adds to make a proxy its own. */
export interface EgressSetup {
  readonly rules: readonly EgressRule[];
  readonly directory: string;
  /** Who may connect, when that is not this process's own user. */
  readonly owner?: { readonly uid: number; readonly gid: number };
  readonly resolve: Resolver | undefined;
  readonly upstream?: UpstreamProxy | undefined;
  readonly decide: (decision: Omit<EgressDecision, "plugin" | "policy">) => Promise<void>;
  readonly report: (kind: ViolationKind, detail: string) => Promise<void>;
  /** The first connection is that of the relay, and only tells that it lives. */
  readonly expectsRelay: boolean;
  readonly limits?: EgressLimits;
}

/** An open proxy of one launch. */
export interface OpenedEgress {
  readonly socket: string;
  readonly relay: RelayWatch;
  close(): Promise<void>;
}

const violationOf = {
  denied: "egress_denied",
  address_refused: "egress_address",
  malformed: "egress_malformed",
  limited: "egress_limited",
} as const satisfies Record<Exclude<EgressOutcome, "allowed">, ViolationKind>;

/**
 * Listens for HTTP and SOCKS5 clients on a socket, and connects them to what the policy grants: names are resolved
 * here, every address is checked, and the connection goes to the checked address; or through an upstream proxy.
 * @throws {Error} when the socket cannot be made; TypeError for a malformed upstream
 */
export async function createEgressProxy(options: EgressProxyOptions): Promise<EgressProxy> {
  const { policy, directory, resolve, onEgress, onViolation } = options;
  const upstream = checkRoute(options);
  const subject = { plugin: policy.plugin, policy: policy.digest };
  const violations = createViolationQueue(subject, onViolation, Date.now);
  const opened = await openEgress({
    rules: policy.egress,
    directory,
    resolve,
    upstream,
    decide: (decision) => onEgress(Object.freeze({ ...subject, ...decision })),
    report: (kind, detail) => violations.report(kind, detail),
    expectsRelay: false,
  });
  const closeAll = async (): Promise<void> => {
    await opened.close();
    await violations.flush();
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= closeAll());
  return { socket: opened.socket, close, [Symbol.asyncDispose]: close };
}

/** Opens the proxy of one launch. */
export async function openEgress(setup: EgressSetup): Promise<OpenedEgress> {
  const { directory, owner, limits = egressLimits } = setup;
  const stopping = new AbortController();
  const clients = new Set<Socket>();
  const serving = new Set<Promise<void>>();
  const relay = createRelayWatch();
  const gate = createGate(limits, Date.now);
  const { context, flush } = contextOf(setup, limits, stopping.signal);

  const accept = (client: Socket): void => {
    // A client that resets its connection must not end this process.
    client.on("error", () => undefined);
    clients.add(client);
    client.once("close", () => clients.delete(client));
    if (setup.expectsRelay && relay.take(client)) return;
    const place = gate.enter();
    if (place === undefined) {
      client.destroy();
      keep(serving, context.countLimited());
      return;
    }
    client.once("close", () => place.leave());
    keep(serving, serveConnection(client, place, context));
  };
  const socket = `${directory}/proxy.sock`;
  const server = createServer({ allowHalfOpen: true }, accept);
  await listening(server, socket);
  await chmod(socket, 0o600);
  if (owner !== undefined) await chown(socket, owner.uid, owner.gid);

  const stop = async (): Promise<void> => {
    stopping.abort();
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    for (const client of clients) client.destroy();
    await closed;
    await Promise.all(serving);
    await flush();
    await unlink(socket).catch(() => undefined);
  };
  let closing: Promise<void> | undefined;
  return { socket, relay, close: () => (closing ??= stop()) };
}

function contextOf(
  { rules, resolve = resolveByDns, upstream, decide, report }: EgressSetup,
  limits: EgressLimits,
  signal: AbortSignal,
): { readonly context: EgressContext; readonly flush: () => Promise<void> } {
  // Delivery that fails is told by the queue of violations when it is flushed.
  const tell = (kind: ViolationKind, detail: string): Promise<void> =>
    report(kind, detail).catch(() => undefined);
  const decideAndTell: EgressContext["decide"] = async (decision) => {
    const { outcome, host, port, reason } = decision;
    try {
      await decide(Object.freeze(decision));
    } finally {
      if (outcome !== "allowed") {
        const where = host === null ? "" : `${quoted(host)} port ${port}: `;
        await tell(violationOf[outcome], `${where}${reason}`);
      }
    }
  };
  let windowStart = -Infinity;
  let uncounted = 0;
  const flush = async (): Promise<void> => {
    if (uncounted === 0) return;
    const reason = `${uncounted} connections beyond the limits`;
    uncounted = 0;
    const unknown = { protocol: "unknown", host: null, port: null } as const;
    await decideAndTell({ ...unknown, outcome: "limited", reason }).catch(() => undefined);
  };
  const countLimited = async (): Promise<void> => {
    uncounted += 1;
    const at = Date.now();
    if (at - windowStart < windowMs) return;
    windowStart = at;
    await flush();
  };
  return {
    context: { rules, resolve, upstream, limits, signal, decide: decideAndTell, countLimited },
    flush,
  };
}

const windowMs = 1_000;

function keep(running: Set<Promise<void>>, work: Promise<void>): void {
  const kept = work.finally(() => running.delete(kept));
  running.add(kept);
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      // Accepting fails for want of descriptors: that connection is lost, and nothing else.
      server.on("error", () => undefined);
      resolve();
    });
  });
}
