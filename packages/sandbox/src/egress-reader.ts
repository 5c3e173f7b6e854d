import { type Destination } from "./destination.ts";

/** How a connection asks for its destination; `unknown` until that can be told. */
export type EgressProtocol = "connect" | "http" | "socks5" | "unknown";

/** What the bytes of a connection say so far. Everything but `more` and `greeted` is final. */
export type Reading =
  | { readonly state: "more" }
  /** SOCKS: the client waits for an answer to its greeting before it goes on. */
  | { readonly state: "greeted" }
  | {
      readonly state: "malformed";
      readonly protocol: EgressProtocol;
      /** Whether a SOCKS client still waits for the answer to its greeting. */
      readonly isGreeting: boolean;
      readonly reason: string;
    }
  | Asked;

/** A request that could be read, and the bytes behind it. */
export type Asked =
  | {
      readonly state: "asked";
      readonly protocol: "connect" | "socks5";
      readonly destination: Destination;
      readonly rest: Buffer;
    }
  | {
      readonly state: "asked";
      readonly protocol: "http";
      readonly destination: Destination;
      readonly rest: Buffer;
      /** The head as it goes to the destination: nothing of it is the client's spelling of where. */
      readonly head: string;
      /** Declared length of the body. */
      readonly bodyBytes: number;
    };

/** Reads the beginning of one connection. Bounded, never throws, and answers the same for every split of the input. */
export interface EgressReader {
  read(chunk: Buffer): Reading;
}

/** A final refusal. */
export function malformed(
  protocol: EgressProtocol,
  reason: string,
  isGreeting = false,
): Extract<Reading, { state: "malformed" }> {
  return { state: "malformed", protocol, isGreeting, reason };
}
