import { LIMITS } from "../limits.ts";
import { ProtocolError } from "../protocol-error.ts";
import { STATUS } from "../status.ts";
import { after } from "./timeout.ts";

/** Where one side of a brokered connection listens. */
export interface BrokerAddress {
  /** The kind of address. */
  readonly network: "unix" | "tcp";
  /** A path, or `ip:port`. */
  readonly address: string;
}

/** What the other side told of its sockets, until somebody asks for it. */
export interface BrokerEntries {
  /** Takes an entry of the other side: bounded in size and number, the first of an id counts, and what is none is dropped. */
  tell(id: number, network: string, address: string): void;
  /** Answers where the other side listens for `id`, once it has told; each entry is answered once. Throws a {@link ProtocolError}. */
  claim(id: number, signal: AbortSignal): Promise<BrokerAddress>;
}

/** Longer paths name no socket, and longer words no network. */
const MAX_ADDRESS_CHARACTERS = 1024;

/** Makes the entries of one side; one that nobody asks for within `waitMs` expires, and who asks waits as long. */
export function createBrokerEntries(waitMs: number): BrokerEntries {
  const told = new Map<number, { readonly at: BrokerAddress; readonly keep: () => void }>();
  const waiting = new Map<number, (at: BrokerAddress) => void>();
  return {
    tell(id, network, address) {
      const at = addressOf(network, address);
      if (at === undefined) return;
      const waiter = waiting.get(id);
      if (waiter !== undefined) {
        waiter(at);
        return;
      }
      // An entry told twice could otherwise lead whoever claims it elsewhere, and a flood of them take memory without end.
      if (told.has(id) || told.size >= LIMITS.brokerEntries) return;
      told.set(id, { at, keep: after(waitMs, () => told.delete(id)) });
    },
    claim(id, signal) {
      const known = told.get(id);
      if (known !== undefined) {
        known.keep();
        told.delete(id);
        return Promise.resolve(known.at);
      }
      if (waiting.has(id)) return Promise.reject(undialed(id, "somebody waits for it already"));
      if (waiting.size >= LIMITS.brokerEntries) {
        return Promise.reject(undialed(id, `${LIMITS.brokerEntries} others are waited for`));
      }
      return new Promise((resolve, reject) => {
        const leave = (): void => {
          waiting.delete(id);
          stopTimer();
          signal.removeEventListener("abort", abort);
        };
        const abort = (): void => {
          leave();
          reject(undialed(id, wordsOf(signal.reason), signal.reason));
        };
        const stopTimer = after(waitMs, () => {
          leave();
          reject(undialed(id, `the other side did not tell an address within ${waitMs} ms`));
        });
        waiting.set(id, (at) => {
          leave();
          resolve(at);
        });
        if (signal.aborted) abort();
        else signal.addEventListener("abort", abort, { once: true });
      });
    },
  };
}

/** The failure of a dial. */
export const undialed = (id: number, found: string, cause?: unknown): ProtocolError =>
  new ProtocolError("CONNECT_FAILED", `Cannot dial broker id ${id}: ${found}`, {
    cause,
    status: STATUS.UNAVAILABLE,
  });

/** The failure of an attempt to serve. */
export const unserved = (id: number, found: string): ProtocolError =>
  new ProtocolError("CONNECT_FAILED", `Cannot serve broker id ${id}: ${found}`, {
    status: STATUS.UNAVAILABLE,
  });

/** The words of what was thrown, or of the reason of a signal. */
export const wordsOf = (reason: unknown): string =>
  reason instanceof Error ? reason.message : "the attempt was cancelled";

function addressOf(network: string, address: string): BrokerAddress | undefined {
  if (address === "" || address.length > MAX_ADDRESS_CHARACTERS) return undefined;
  return network === "unix" || network === "tcp" ? { network, address } : undefined;
}
