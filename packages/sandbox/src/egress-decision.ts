import { type EgressProtocol } from "./egress-reader.ts";

/**
 * What became of a connection: it may go there (`allowed`), no grant covers it (`denied`), its name leads to an address
 * that no grant names (`address_refused`), its request could not be read (`malformed`), or it was one too many (`limited`).
 */
export type EgressOutcome = "allowed" | "denied" | "address_refused" | "malformed" | "limited";

/** One answer of the proxy. An `allowed` one is told before its name is resolved and before a byte flows. */
export interface EgressDecision {
  /** Name of the plugin, from its policy. */
  readonly plugin: string;
  /** Digest of the policy. */
  readonly policy: string;
  /** How it was asked for; `unknown` where that could not be told. */
  readonly protocol: EgressProtocol;
  /** Canonical name, or address without brackets; `null` where none was understood. */
  readonly host: string | null;
  /** Port; `null` where none was understood. */
  readonly port: number | null;
  /** What became of it. */
  readonly outcome: EgressOutcome;
  /** The address that was refused, or that was asked for literally. */
  readonly address?: string;
  /** One phrase for people. The plugin never learns it. */
  readonly reason: string;
}
