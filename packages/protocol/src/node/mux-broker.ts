import type { Duplex } from "node:stream";
import { LIMITS } from "../limits.ts";
import type { BrokerKind, Tell } from "./broker-kind.ts";
import { undialed, unserved, wordsOf } from "./broker-entries.ts";
import { createKnocks } from "./mux-knocks.ts";
import type { MuxSession } from "./mux-session.ts";
import { connectMutualTls, createMutualTlsServer, type MutualTls } from "./mutual-tls.ts";
import { after } from "./timeout.ts";

/** What a broker works with whose connections are streams of one multiplexed connection. */
export interface MuxBrokerOptions {
  /** The connection that carries the call of the broker as well. */
  readonly session: MuxSession;
  /** Secures brokered connections, in both directions, as it does the first one. */
  readonly tls?: MutualTls;
  /** How long a dial waits and a knock of the other side stays, in milliseconds; 5,000 by default. */
  readonly waitMs?: number;
}

/** Makes the multiplexed broker: who dials knocks, and opens a stream when the other side says that the next one is the id's. */
export function createMuxBroker(
  { session, tls, waitMs = WAIT_MS }: MuxBrokerOptions,
  tell: Tell,
): BrokerKind {
  const served = new Map<number, (connection: Duplex) => void>();
  /** Knocks of the other side whose id is not served yet; an entry forgets itself in time. */
  const early = new Map<number, () => void>();
  const knocks = createKnocks(session, waitMs, (id) =>
    tell({ serviceId: id, knock: { knock: true } }),
  );
  let admitting = 0;

  const answer = (id: number, error: string): void =>
    tell({ serviceId: id, knock: { knock: true, ack: true, error } });
  const admit = (id: number, serve: (connection: Duplex) => void): void => {
    if (admitting >= LIMITS.brokerEntries) {
      answer(id, "too many connections are expected already");
      return;
    }
    admitting += 1;
    const done = (): void => {
      admitting -= 1;
      stopTimer();
    };
    const withdraw = session.expect((stream) => {
      done();
      serve(stream);
    });
    // Else a knock that nobody follows would take the stream of somebody else.
    const stopTimer = after(waitMs, () => {
      withdraw();
      done();
    });
    answer(id, "");
  };
  const knockedAt = (id: number): void => {
    const serve = served.get(id);
    if (serve !== undefined) {
      admit(id, serve);
      return;
    }
    if (early.has(id)) return;
    if (early.size >= LIMITS.brokerEntries) {
      answer(id, "too many ids are asked for that nobody serves");
      return;
    }
    const stopTimer = after(waitMs, () => {
      early.delete(id);
      answer(id, "nobody serves this id");
    });
    early.set(id, stopTimer);
  };

  return {
    async accept(id, serve) {
      if (served.has(id)) throw unserved(id, "it is served already");
      const enter = tls ? createMutualTlsServer(tls, serve).accept : serve;
      served.set(id, enter);
      const close = async (): Promise<void> => void served.delete(id);
      const waiting = early.get(id);
      early.delete(id);
      waiting?.();
      if (waiting !== undefined) admit(id, enter);
      return { close, [Symbol.asyncDispose]: close };
    },
    async dial(id, signal) {
      const stream = await knocks.open(id, signal);
      if (tls === undefined) return stream;
      const late = new AbortController();
      const stopTimer = after(waitMs, () => late.abort(new Error(`not within ${waitMs} ms`)));
      try {
        return await connectMutualTls(stream, tls, AbortSignal.any([signal, late.signal]));
      } catch (error) {
        throw undialed(id, wordsOf(error), error);
      } finally {
        stopTimer();
      }
    },
    take({ serviceId, knock }) {
      if (knock === undefined || !knock.knock || serviceId === 0) return;
      if (knock.ack) knocks.answered(serviceId, knock.error);
      else knockedAt(serviceId);
    },
    close() {
      for (const stopTimer of early.values()) stopTimer();
      early.clear();
    },
  };
}

const WAIT_MS = 5000;
