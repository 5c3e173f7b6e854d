import type { Duplex } from "node:stream";
import { type ConnInfo, GRPCBroker } from "../goplugin.ts";
import { ProtocolError } from "../protocol-error.ts";
import { STATUS } from "../status.ts";
import {
  type BrokerAddress,
  type BrokerEntries,
  createBrokerEntries,
  undialed,
  wordsOf,
} from "./broker-entries.ts";
import type { GrpcChannel } from "./grpc-channel.ts";
import { clientMethod, serverMethod } from "./method.ts";
import { connectMutualTls, createMutualTlsServer, type MutualTls } from "./mutual-tls.ts";
import { bidirectionalRoute, type Route } from "./route.ts";
import { after } from "./timeout.ts";

/** A socket made for one brokered connection. */
export interface BrokerListener {
  /** Where the other side reaches it. */
  readonly address: BrokerAddress;
  /** Takes it away; connections that stand go on. */
  close(): Promise<void>;
}

/** What a broker works with. */
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

/** The end of one brokered connection that waits for the other side. */
export interface BrokeredService extends AsyncDisposable {
  /** Takes its socket away; connections that stand go on. Closing twice is closing once. */
  close(): Promise<void>;
}

/** Further connections between host and plugin, as the plain broker of go-plugin makes them; the application carries the ids. */
export interface GrpcBroker extends AsyncDisposable {
  /** Aborts when the broker is over. */
  readonly ended: AbortSignal;
  /** Answers an id that this side has not used, from 1. */
  nextId(): number;
  /**
   * Listens for `id` on a new socket, tells the other side where, and hands every connection to `serve`, proven where TLS is on.
   *
   * @throws {@link ProtocolError} `CONNECT_FAILED` when the broker is over; what making the socket throws
   */
  accept(id: number, serve: (connection: Duplex) => void): Promise<BrokeredService>;
  /**
   * Connects to where the other side listens for `id`, waiting until it has told. An id can be dialed once.
   *
   * @throws {@link ProtocolError} `CONNECT_FAILED`: not told in time, refused, not proven, cancelled, or the broker is over
   */
  dial(id: number, options?: { readonly signal?: AbortSignal }): Promise<Duplex>;
  /** Ends it and takes its sockets away; connections that stand go on. Closing twice is closing once. */
  close(): Promise<void>;
}

/** Opens the broker of a plugin, as its host. A plugin without the service ends it at once. */
export function openGrpcBroker(channel: GrpcChannel, options: GrpcBrokerOptions): GrpcBroker {
  const { broker, entries, outgoing } = createBroker(options);
  const method = clientMethod(GRPCBroker.method.startStream);
  const talk = async (): Promise<void> => {
    const told = channel.bidirectional(method, outgoing(), { signal: broker.ended });
    for await (const info of told) take(entries, info);
  };
  // However it ends, by UNIMPLEMENTED too: without the stream nothing can be brokered.
  const end = (): Promise<void> => broker.close();
  void talk().then(end, end);
  return broker;
}

/** Serves the broker of a host, as its plugin: one stream, whose end is that of the broker. */
export function serveGrpcBroker(options: GrpcBrokerOptions): {
  readonly broker: GrpcBroker;
  readonly route: Route;
} {
  const { broker, entries, outgoing } = createBroker(options);
  let begun = false;
  const end = (): void => void broker.close();
  const method = serverMethod(GRPCBroker.method.startStream);
  const route = bidirectionalRoute(method, async function* (told, { signal }) {
    if (begun) {
      throw new ProtocolError("CALL_FAILED", "Cannot serve the broker twice", {
        status: STATUS.FAILED_PRECONDITION,
      });
    }
    begun = true;
    signal.addEventListener("abort", end, { once: true });
    const listen = async (): Promise<void> => {
      for await (const info of told) take(entries, info);
    };
    void listen().then(end, end);
    yield* outgoing();
  });
  return { broker, route };
}

/** Entries with a knock belong to the multiplexed broker. */
function take(entries: BrokerEntries, { serviceId, network, address, knock }: ConnInfo): void {
  if (serviceId > 0 && knock === undefined) entries.tell(serviceId, network, address);
}

interface Told extends BrokerAddress {
  readonly serviceId: number;
}

function createBroker({ listen, connect, tls, waitMs = WAIT_MS }: GrpcBrokerOptions): {
  readonly broker: GrpcBroker;
  readonly entries: BrokerEntries;
  readonly outgoing: () => AsyncGenerator<Told, void, undefined>;
} {
  const entries = createBrokerEntries(waitMs);
  const over = new AbortController();
  const { signal: ended } = over;
  const open = new Set<BrokeredService>();
  const queue: Told[] = [];
  let wake = Promise.withResolvers<void>();
  let ids = 0;

  const close = async (): Promise<void> => {
    over.abort(new Error("the broker is over"));
    wake.resolve();
    await Promise.allSettled([...open].map((service) => service.close()));
  };
  const broker: GrpcBroker = {
    ended,
    nextId: () => (ids += 1),
    accept: async (id, serve) => {
      if (ended.aborted) throw unserved(id);
      const listener = await listen(tls ? createMutualTlsServer(tls, serve).accept : serve);
      let closing: Promise<void> | undefined;
      const closeOnce = (): Promise<void> => {
        open.delete(service);
        return (closing ??= listener.close());
      };
      const service = { close: closeOnce, [Symbol.asyncDispose]: closeOnce };
      open.add(service);
      if (ended.aborted) {
        await service.close();
        throw unserved(id);
      }
      queue.push({ serviceId: id, ...listener.address });
      wake.resolve();
      return service;
    },
    dial: async (id, { signal } = {}) => {
      const stop = signal === undefined ? ended : AbortSignal.any([signal, ended]);
      if (stop.aborted) throw undialed(id, wordsOf(stop.reason), stop.reason);
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
    close,
    [Symbol.asyncDispose]: close,
  };
  return {
    broker,
    entries,
    async *outgoing() {
      while (!ended.aborted) {
        yield* queue.splice(0);
        // oxlint-disable-next-line no-await-in-loop -- entries leave as they come
        await wake.promise;
        if (!ended.aborted) wake = Promise.withResolvers();
      }
    },
  };
}

const WAIT_MS = 5000;

const unserved = (id: number): ProtocolError =>
  new ProtocolError("CONNECT_FAILED", `Cannot serve broker id ${id}: the broker is over`, {
    status: STATUS.UNAVAILABLE,
  });
