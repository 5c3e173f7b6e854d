import type { Duplex } from "node:stream";
import { LIMITS } from "../limits.ts";
import { quoted } from "../quoted.ts";
import { undialed, wordsOf } from "./broker-entries.ts";
import type { MuxSession } from "./mux-session.ts";
import { after } from "./timeout.ts";

/** The dials of one side of a multiplexed broker. */
export interface Knocks {
  /** Asks the other side to let the next stream in for `id`, and opens it. One after the other: streams carry no id. */
  open(id: number, signal: AbortSignal): Promise<Duplex>;
  /** Hears what the other side says to a knock; no words mean yes. */
  answered(id: number, error: string): void;
}

/** Makes them; `knock` asks the other side. */
export function createKnocks(
  session: MuxSession,
  waitMs: number,
  knock: (id: number) => void,
): Knocks {
  const unanswered = new Set<number>();
  let current: { readonly id: number; readonly hear: (error: string) => void } | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  const knocked = (id: number, signal: AbortSignal): Promise<Duplex> =>
    new Promise((resolve, reject) => {
      const leave = (): void => {
        current = undefined;
        stopTimer();
        signal.removeEventListener("abort", abort);
      };
      const giveUp = (found: string, cause?: unknown): void => {
        leave();
        if (unanswered.size < LIMITS.brokerEntries) unanswered.add(id);
        reject(undialed(id, found, cause));
      };
      const abort = (): void => giveUp(wordsOf(signal.reason), signal.reason);
      const stopTimer = after(waitMs, () =>
        giveUp(`the other side did not answer within ${waitMs} ms`),
      );
      const hear = (error: string): void => {
        leave();
        try {
          if (error !== "") throw new Error(`the other side refused, ${quoted(error)}`);
          resolve(session.open());
        } catch (cause) {
          reject(undialed(id, wordsOf(cause), cause));
        }
      };
      current = { id, hear };
      signal.addEventListener("abort", abort, { once: true });
      knock(id);
    });

  return {
    async open(id, signal) {
      if (waiting >= LIMITS.brokerEntries) throw undialed(id, `${waiting} others are waited for`);
      waiting += 1;
      const before = turn;
      const own = Promise.withResolvers<void>();
      turn = Promise.all([before, own.promise]);
      const stopped = Promise.withResolvers<void>();
      const stop = (): void => stopped.resolve();
      signal.addEventListener("abort", stop, { once: true });
      try {
        await Promise.race([before, stopped.promise]);
        if (signal.aborted) throw undialed(id, wordsOf(signal.reason), signal.reason);
        return await knocked(id, signal);
      } finally {
        signal.removeEventListener("abort", stop);
        waiting -= 1;
        own.resolve();
      }
    },
    answered(id, error) {
      if (current?.id === id) {
        current.hear(error);
        return;
      }
      // The other side has put it in line; the stream it waits for would else be that of the next id.
      if (unanswered.delete(id) && error === "") fillPlace(session);
    },
  };
}

function fillPlace(session: MuxSession): void {
  try {
    session.open().destroy();
  } catch {
    // It is over, and nobody is in line.
  }
}
