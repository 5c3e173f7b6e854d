import { Resolver as DnsResolver } from "node:dns/promises";
import { connect, type Socket } from "node:net";
import { isPublicAddress } from "./address-guard.ts";
import { canonicalAddress, type Destination } from "./destination.ts";
import { type EgressRule, isAddressDenied, isDestinationAllowed } from "./egress-rules.ts";

/**
 * Answers the addresses of a name, IPv4 and IPv6, as text. It is asked once for a connection, and only for names
 * that are allowed. The signal ends the wait.
 */
export type Resolver = (host: string, signal: AbortSignal) => Promise<readonly string[]>;

const maxAddresses = 64;
const maxAttempts = 4;

/** Asks the name servers of this machine, and not its thread pool: a slow name would hold up its files. */
export async function resolveByDns(host: string, signal: AbortSignal): Promise<readonly string[]> {
  const resolver = new DnsResolver({ tries: 2 });
  const stop = (): void => resolver.cancel();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Answers every address of a destination. @throws {Error} when there is none, too many, or one that is none */
export async function addressesOf(
  { kind, host }: Destination,
  resolve: Resolver,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (kind === "address") return [host];
  const answer = await Promise.race([resolve(host, signal), aborted(signal)]);
  const found = answer.slice(0, maxAddresses + 1).map((text) => canonicalAddress(text));
  const addresses = found.filter((address) => address !== undefined);
  if (found.length === 0 || found.length > maxAddresses || addresses.length < found.length) {
    throw new Error("Cannot connect: the name has no usable addresses");
  }
  return [...new Set(addresses)];
}

/**
 * Answers the first address that may not be dialled. All are looked at: one private address among public ones is
 * an attempt at rebinding.
 */
export function refusedAddress(
  addresses: readonly string[],
  rules: readonly EgressRule[],
  port: number,
): string | undefined {
  return addresses.find((host) => {
    const isGranted = isDestinationAllowed(rules, { kind: "address", host, port });
    return isAddressDenied(rules, host, port) || !(isGranted || isPublicAddress(host));
  });
}

/** Connects to one of the checked addresses, never to a name. @throws {Error} when none answers in time */
export async function dial(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Socket> {
  const candidates = addresses.slice(0, maxAttempts);
  // One that swallows packets leaves time for the next.
  const eachMs = Math.ceil(timeoutMs / candidates.length);
  let cause: unknown;
  for (const host of candidates) {
    signal.throwIfAborted();
    try {
      // oxlint-disable-next-line no-await-in-loop -- the next is tried only when this one fails
      return await dialOne(host, port, AbortSignal.any([signal, AbortSignal.timeout(eachMs)]));
    } catch (error) {
      cause = error;
    }
  }
  throw new Error("Cannot connect: no address answers", { cause });
}

function dialOne(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true, autoSelectFamily: false });
    const stop = (): void => void socket.destroy(new Error("Cannot connect: no answer in time"));
    signal.addEventListener("abort", stop, { once: true });
    socket.once("error", (error) => {
      signal.removeEventListener("abort", stop);
      reject(error);
    });
    socket.once("connect", () => {
      signal.removeEventListener("abort", stop);
      // Its later end is told by "close"; an error without a listener would end this process.
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(new Error("Cannot connect: no answer in time"));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
