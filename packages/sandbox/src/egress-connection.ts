import { type Socket } from "node:net";
import { type Destination } from "./destination.ts";
import {
  establishedAnswer,
  noMethodAnswer,
  type Refusal,
  refusalAnswer,
} from "./egress-answers.ts";
import { type EgressDecision, type EgressOutcome } from "./egress-decision.ts";
import { addressesOf, dial, refusedAddress, type Resolver } from "./egress-dial.ts";
import { type EgressLimits, type Place } from "./egress-limits.ts";
import { type Asked, type EgressProtocol } from "./egress-reader.ts";
import { joinRequest, joinTunnel } from "./egress-relay.ts";
import { readRequest } from "./egress-request.ts";
import { headForUpstream, reach, tunnelThrough, type UpstreamProxy } from "./upstream.ts";
import { type EgressRule, isDestinationAllowed } from "./egress-rules.ts";

/** What every connection of one launch shares. */
export interface EgressContext {
  readonly rules: readonly EgressRule[];
  readonly resolve: Resolver;
  /** Where connections go through a proxy of the operator's, which then resolves names itself. */
  readonly upstream: UpstreamProxy | undefined;
  readonly limits: EgressLimits;
  /** Aborts when the proxy closes. */
  readonly signal: AbortSignal;
  /** Records a decision and the violation in it. @throws what the receiver of decisions throws */
  decide(decision: Omit<EgressDecision, "plugin" | "policy">): Promise<void>;
  /** Counts a connection beyond a limit. */
  countLimited(): Promise<void>;
}

/** Serves one connection of a client, from its first byte until it is joined with its destination or refused. */
export async function serveConnection(
  client: Socket,
  place: Place,
  context: EgressContext,
): Promise<void> {
  const request = await readRequest(client, context.limits.requestMs);
  if (request.state === "gone") return void client.destroy();
  if (request.state === "malformed") {
    const { protocol, reason, isGreeting } = request;
    await record(context, { protocol, host: null, port: null, outcome: "malformed", reason });
    const answer = isGreeting ? noMethodAnswer : refusalAnswer(protocol, "forbidden");
    return refuse(client, answer, place, context.limits);
  }
  const { protocol } = request;
  const refusal = place.isOver
    ? await overLimit(context)
    : await connectTo(request, client, context);
  if (refusal === undefined) return place.settle();
  refuse(client, refusalAnswer(protocol, refusal), place, context.limits);
}

/** Ends a connection with an answer that the client has time to read, whatever it still sends. */
function refuse(client: Socket, answer: Buffer, place: Place, { lingerMs }: EgressLimits): void {
  place.settle();
  client.end(answer);
  client.resume();
  const timer = setTimeout(() => client.destroy(), lingerMs);
  client.once("close", () => clearTimeout(timer));
}

async function overLimit(context: EgressContext): Promise<Refusal> {
  await context.countLimited();
  return "unavailable";
}

/** Steps 4 to 9. Answers why nothing was joined. */
async function connectTo(
  asked: Asked,
  client: Socket,
  context: EgressContext,
): Promise<Refusal | undefined> {
  const { protocol, destination } = asked;
  const { rules, limits, resolve } = context;
  const { port } = destination;
  const decision = (outcome: EgressOutcome, reason: string, address?: string) =>
    record(context, { ...named(protocol, destination), outcome, reason, ...withAddress(address) });

  // A denied name is never resolved: a name server would carry what it spells.
  if (!isDestinationAllowed(rules, destination)) {
    await decision("denied", "no grant covers it");
    return "forbidden";
  }
  const literal = destination.kind === "address" ? destination.host : undefined;
  if (!(await decision("allowed", "granted", literal))) return "unavailable";
  if (context.upstream !== undefined)
    return connectThrough(context.upstream, asked, client, context);

  const within = AbortSignal.any([context.signal, AbortSignal.timeout(limits.resolveMs)]);
  const addresses = await addressesOf(destination, resolve, within).catch(() => undefined);
  if (addresses === undefined) return "unreachable";
  const closed = refusedAddress(addresses, rules, port);
  if (closed !== undefined) {
    await decision("address_refused", "its address is not public and not granted", closed);
    return "forbidden";
  }
  return joinWith(dial(addresses, port, context.signal, limits.dialMs), asked, client, context);
}

/** The same by way of the operator's proxy, which is told the checked name and nothing else of where. */
async function connectThrough(
  upstream: UpstreamProxy,
  asked: Asked,
  client: Socket,
  context: EgressContext,
): Promise<Refusal | undefined> {
  const { signal, limits } = context;
  if (asked.protocol !== "http") {
    const tunnel = tunnelThrough(upstream, asked.destination, signal, limits.dialMs);
    return joinWith(tunnel, asked, client, context);
  }
  const head = headForUpstream(asked.head, asked.destination, upstream);
  const reached = reach(upstream, signal, limits.dialMs);
  return joinWith(reached, { ...asked, head }, client, context);
}

async function joinWith(
  dialled: Promise<Socket>,
  asked: Asked,
  client: Socket,
  context: EgressContext,
): Promise<Refusal | undefined> {
  const server = await dialled.catch(() => undefined);
  if (server === undefined) return "unreachable";
  if (client.destroyed || context.signal.aborted) {
    server.destroy();
    return "unreachable";
  }
  join(asked, client, server, context);
  return undefined;
}

function join(asked: Asked, client: Socket, server: Socket, context: EgressContext): void {
  const { idleMs } = context.limits;
  if (asked.protocol !== "http") {
    client.write(establishedAnswer(asked.protocol));
    if (asked.rest.length > 0) server.write(asked.rest);
    return joinTunnel(client, server, idleMs);
  }
  const { protocol, destination, head, bodyBytes, rest } = asked;
  server.write(head);
  joinRequest(client, server, { bytes: bodyBytes, first: rest, idleMs }, () => {
    const reason = "bytes behind the one request of a connection";
    void record(context, { ...named(protocol, destination), outcome: "malformed", reason });
  });
}

/** Whether it is on record. What is refused stays refused without. */
function record(
  context: EgressContext,
  decision: Omit<EgressDecision, "plugin" | "policy">,
): Promise<boolean> {
  return context.decide(decision).then(
    () => true,
    () => false,
  );
}

function named(
  protocol: EgressProtocol,
  { host, port }: Destination,
): Pick<EgressDecision, "protocol" | "host" | "port"> {
  return { protocol, host, port };
}

function withAddress(address: string | undefined): { readonly address?: string } {
  return address === undefined ? {} : { address };
}
