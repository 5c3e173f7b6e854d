import type { StdioOwner } from "../composition.ts";

/** A token as it may be shown: everything but its secret, of which only a hash is kept. */
export interface ShownToken extends StdioOwner {
  /** What names it, in records too. */
  readonly id: string;
  /** When it was made, RFC 3339. */
  readonly created: string;
  /** When it ends; absent for one that stays until it is revoked, or until the next start. */
  readonly expires?: string;
  /** Whether it ends with the next start of the gateway. */
  readonly session: boolean;
  /** Whether it opens the operator's page, and nothing of MCP. */
  readonly operator?: true;
  /** When it was last used, to the minute; absent before its first use. */
  readonly used?: string;
}

/** The tokens of a configuration. */
export interface TokenDesk {
  /** Lists them, oldest first; those that have ended too. */
  list(config: string): Promise<readonly ShownToken[]>;
  /** Ends one with the next request that it comes with; answers whether there was one. */
  revoke(config: string, id: string): Promise<boolean>;
}
