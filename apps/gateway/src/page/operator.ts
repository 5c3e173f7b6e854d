import { CapabilitySet } from "@sigilrt/capability";
import type { Principals } from "../principals.ts";
import type { TokenStore } from "../tokens.ts";

/** Who administers, and what of it they may do. */
export interface Operator {
  /** As the audit names them. */
  readonly name: string;
  /** Whether the name is a person of the configuration; else who approves has to say who they are. */
  readonly isPerson: boolean;
  may(capability: string): boolean;
  /** Whether this still stands: a token may be revoked, a person lose a permission. */
  stands(): Promise<boolean>;
}

const everything = CapabilitySet.from(["admin.*"]);

/** Whoever started the gateway, or sees its terminal. */
export const starter = (name: string): Operator => ({
  name,
  isPerson: false,
  may: (capability) => everything.contains(capability),
  stands: async () => true,
});

/** Answers whose operator's token this is; `undefined` for whatever is none of this gateway, and for one whose user is gone. */
export async function operatorOf(
  token: string,
  { tokens, principals }: OperatorSources,
): Promise<Operator | undefined> {
  const owner = await tokens.verify(token);
  const principal = owner && principals.find(owner);
  if (!principal) return undefined;
  const { permissions } = principal;
  const set = permissions instanceof CapabilitySet ? permissions : CapabilitySet.from(permissions);
  return {
    name: principal.user,
    isPerson: true,
    may: (capability) => set.contains(capability),
    stands: async () => (await tokens.verify(token)) !== undefined,
  };
}

/** What operators' tokens are checked against. MCP clients' tokens are in another store, and are none here. */
export interface OperatorSources {
  readonly tokens: Pick<TokenStore, "verify">;
  readonly principals: Principals;
}
