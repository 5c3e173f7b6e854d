import type { Client } from "@modelcontextprotocol/client";
import type { HostCallOptions, LogNote } from "@sigilrt/lifecycle";
import { plain } from "./content.ts";

type Listener = NonNullable<HostCallOptions["onLog"]>;

/** Notes that a reader has not taken yet; what comes beyond is dropped. */
const MAX_PENDING_NOTES = 64;

/**
 * Hands what a server logs to the call that runs. The protocol does not say which call a line belongs to: with two at the same time it
 * belongs to nobody, since one user's call must not hear of another's.
 */
export class LogNotes {
  readonly #calls = new Set<{ readonly listener: Listener | undefined }>();
  #pending = 0;

  constructor(client: Client) {
    client.setNotificationHandler("notifications/message", ({ params }) => {
      const { level, logger, data } = params;
      this.#tell({ level, data: plain(data), ...(logger === undefined ? {} : { logger }) });
    });
  }

  /** A call begins; the answer ends it. */
  enter(listener: Listener | undefined): () => void {
    const call = { listener };
    this.#calls.add(call);
    return () => void this.#calls.delete(call);
  }

  #tell(note: LogNote): void {
    const [call, ...others] = this.#calls;
    if (!call?.listener || others.length > 0 || this.#pending >= MAX_PENDING_NOTES) return;
    this.#pending += 1;
    const taken = (): void => void (this.#pending -= 1);
    call.listener(note).then(taken, taken);
  }
}
