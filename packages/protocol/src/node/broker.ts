import type { Duplex } from "node:stream";
import { GRPCBroker } from "../goplugin.ts";
import { LIMITS } from "../limits.ts";
import { ProtocolError } from "../protocol-error.ts";
import { STATUS } from "../status.ts";
import { undialed, unserved, wordsOf } from "./broker-entries.ts";
import type { BrokeredService, BrokerKind, Tell, Told } from "./broker-kind.ts";
import type { GrpcChannel } from "./grpc-channel.ts";
import { clientMethod, serverMethod } from "./method.ts";
import { createMuxBroker, type MuxBrokerOptions } from "./mux-broker.ts";
import { createPlainBroker, type GrpcBrokerOptions } from "./plain-broker.ts";
import { bidirectionalRoute, type Route } from "./route.ts";

/** Further connections between host and plugin, as the broker of go-plugin makes them; the application carries the ids. */
export interface GrpcBroker extends AsyncDisposable {
  /** Aborts when the broker is over. */
  readonly ended: AbortSignal;
  /** Answers an id that this side has not used, from 1. */
  nextId(): number;
  /**
   * Serves `id`, and hands every connection to `serve`, proven where TLS is on: the plain broker listens on a new socket and tells the
   * other side where, the multiplexed one lets streams in.
   *
   * @throws {@link ProtocolError} `CONNECT_FAILED` when the broker is over, or a multiplexed id served already; what making the socket throws
   */
  accept(id: number, serve: (connection: Duplex) => void): Promise<BrokeredService>;
  /**
   * Connects to what the other side serves for `id`, waiting until it does. With the plain broker an id can be dialed once.
   *
   * @throws {@link ProtocolError} `CONNECT_FAILED`: not served in time, refused, not proven, cancelled, or the broker is over
   */
  dial(id: number, options?: { readonly signal?: AbortSignal }): Promise<Duplex>;
  /** Ends it and takes its sockets away; connections that stand go on. Closing twice is closing once. */
  close(): Promise<void>;
}

/** Opens the broker of a plugin, as its host. A plugin without the service ends it at once. */
export function openGrpcBroker(
  channel: GrpcChannel,
  options: GrpcBrokerOptions | MuxBrokerOptions,
): GrpcBroker {
  const { broker, kind, outgoing } = createBroker(options);
  const method = clientMethod(GRPCBroker.method.startStream);
  const talk = async (): Promise<void> => {
    const told = channel.bidirectional(method, outgoing(), { signal: broker.ended });
    for await (const info of told) kind.take(info);
  };
  // However it ends, by UNIMPLEMENTED too: without the stream nothing can be brokered.
  const end = (): Promise<void> => broker.close();
  void talk().then(end, end);
  return broker;
}

/** Serves the broker of a host, as its plugin: one stream, whose end is that of the broker. */
export function serveGrpcBroker(options: GrpcBrokerOptions | MuxBrokerOptions): {
  readonly broker: GrpcBroker;
  readonly route: Route;
} {
  const { broker, kind, outgoing } = createBroker(options);
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
      for await (const info of told) kind.take(info);
    };
    void listen().then(end, end);
    yield* outgoing();
  });
  return { broker, route };
}

/** Entries that wait to be read. An honest side has no more; one that knocks without end and reads no answer would fill the memory. */
const MAX_UNREAD = 4 * LIMITS.brokerEntries;

function createBroker(options: GrpcBrokerOptions | MuxBrokerOptions): {
  readonly broker: GrpcBroker;
  readonly kind: BrokerKind;
  readonly outgoing: () => AsyncGenerator<Told, void, undefined>;
} {
  const over = new AbortController();
  const { signal: ended } = over;
  const open = new Set<BrokeredService>();
  const queue: Told[] = [];
  let wake = Promise.withResolvers<void>();
  let ids = 0;

  const tell: Tell = (told) => {
    queue.push(told);
    if (queue.length > MAX_UNREAD) void close();
    wake.resolve();
  };
  const kind =
    "session" in options ? createMuxBroker(options, tell) : createPlainBroker(options, tell, ended);
  const close = async (): Promise<void> => {
    over.abort(new Error("the broker is over"));
    wake.resolve();
    kind.close();
    await Promise.allSettled([...open].map((service) => service.close()));
  };
  const broker: GrpcBroker = {
    ended,
    nextId: () => (ids += 1),
    accept: async (id, serve) => {
      if (ended.aborted) throw unserved(id, "the broker is over");
      const made = await kind.accept(id, serve);
      const closeOnce = (): Promise<void> => {
        open.delete(service);
        return made.close();
      };
      const service = { close: closeOnce, [Symbol.asyncDispose]: closeOnce };
      open.add(service);
      if (ended.aborted) {
        await service.close();
        throw unserved(id, "the broker is over");
      }
      return service;
    },
    dial: async (id, { signal } = {}) => {
      const stop = signal === undefined ? ended : AbortSignal.any([signal, ended]);
      if (stop.aborted) throw undialed(id, wordsOf(stop.reason), stop.reason);
      return await kind.dial(id, stop);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  return {
    broker,
    kind,
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
