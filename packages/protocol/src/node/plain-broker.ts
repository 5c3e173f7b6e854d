import type { Duplex } from "node:stream";
import { createBrokerEntries, type BrokerAddress, undialed, wordsOf } from "./broker-entries.ts";
import type { BrokerKind, Tell } from "./broker-kind.ts";
import { connectMutualTls, createMutualTlsServer, type MutualTls } from "./mutual-tls.ts";
import { after } from "./timeout.ts";

/** A socket made for one brokered connection. */
export interface BrokerListener {
  /** Where the other side reaches it. */
  readonly address: BrokerAddress;
  /** Takes it away; connections that stand go on. */
  close(): Promise<void>;
}

/** What the plain broker works with: a socket for each brokered connection. */
export interface GrpcBrokerOptions {
  /** Makes a new socket and hands every connection to `accept`. */
  readonly listen: (accept: (connection: Duplex) => void) => Promise<BrokerListener>;
  /** Connects to where the other side says it listens, which is a claim; throws for what it must not lead to. */
  readonly connect: (address: BrokerAddress, signal: AbortSignal) => Promise<Duplex>;
  /** Secures brokered connections, in both directions, as it does the first one. */
  readonly tls?: MutualTls;
  /** How long a dial waits and an unclaimed entry of the other side stays, in milliseconds; 5,000 by default. */
  readonly waitMs?: number;
}

/** Makes the plain broker: who serves an id listens on a socket of its own and tells where. */
export function createPlainBroker(
  { listen, connect, tls, waitMs = WAIT_MS }: GrpcBrokerOptions,
  tell: Tell,
  ended: AbortSignal,
): BrokerKind {
  const entries = createBrokerEntries(waitMs);
  return {
    async accept(id, serve) {
      const listener = await listen(tls ? createMutualTlsServer(tls, serve).accept : serve);
      let closing: Promise<void> | undefined;
      const closeOnce = (): Promise<void> => (closing ??= listener.close());
      if (!ended.aborted) tell({ serviceId: id, ...listener.address });
      return { close: closeOnce, [Symbol.asyncDispose]: closeOnce };
    },
    async dial(id, stop) {
      const address = await entries.claim(id, stop);
      const late = new AbortController();
      const stopTimer = after(waitMs, () => late.abort(new Error(`not within ${waitMs} ms`)));
      const within = AbortSignal.any([stop, late.signal]);
      try {
        const stream = await connect(address, within);
        return tls ? await connectMutualTls(stream, tls, within) : stream;
      } catch (error) {
        throw undialed(id, wordsOf(error), error);
      } finally {
        stopTimer();
      }
    },
    take({ serviceId, network, address, knock }) {
      // Entries with a knock belong to the multiplexed broker.
      if (serviceId > 0 && knock === undefined) entries.tell(serviceId, network, address);
    },
    close: () => undefined,
  };
}

const WAIT_MS = 5000;
