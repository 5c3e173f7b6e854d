import type { Duplex } from "node:stream";
import type { ConnInfo } from "../goplugin.ts";

/** The end of one brokered connection that waits for the other side. */
export interface BrokeredService extends AsyncDisposable {
  /** Lets no more connections in; those that stand go on. Closing twice is closing once. */
  close(): Promise<void>;
}

/** How one kind of broker connects. */
export interface BrokerKind {
  accept(id: number, serve: (connection: Duplex) => void): Promise<BrokeredService>;
  dial(id: number, signal: AbortSignal): Promise<Duplex>;
  /** Takes an entry of the other side, which is a claim. */
  take(info: ConnInfo): void;
  /** Lets go of what waits. */
  close(): void;
}

/** An entry that is told to the other side. */
export type Told = { readonly serviceId: number } & (
  | { readonly network: string; readonly address: string }
  | {
      readonly knock: { readonly knock: true; readonly ack?: true; readonly error?: string };
    }
);

/** Tells the other side. */
export type Tell = (told: Told) => void;
