declare const brand: unique symbol;

/** A well-formed capability: the name of one thing. Made by `parseCapability` and the builders alone. */
export type Capability = string & { readonly [brand]: "Capability" };

/** A well-formed pattern: the name of a set of capabilities. Made by `parsePattern` alone. */
export type Pattern = string & { readonly [brand]: "Pattern" };
