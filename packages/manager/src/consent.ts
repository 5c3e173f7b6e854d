import type { Pattern } from "@sigilrt/capability";
import type { Surface } from "@sigilrt/integrity";

/** What a person agreed to, for one digest of one plugin. */
export interface ConsentRecord {
  /** Who agreed. */
  readonly userId: string;
  /** The patterns that were agreed to. */
  readonly capabilities: readonly string[];
  /** What the plugin said about itself when the person looked; absent when nobody looked at its tools. */
  readonly surface?: Surface;
}

/** What consent is asked for. */
export interface ConsentQuestion {
  /** Everything the manifest asks for. */
  readonly requested: readonly Pattern[];
}

/** Where the records of consent are kept. */
export interface ConsentStore {
  /** Answers the record for exactly these bytes of this plugin, or `undefined` when nobody agreed to them. */
  find(
    plugin: string,
    digest: string,
    question: ConsentQuestion,
  ): Promise<ConsentRecord | undefined>;
}

/**
 * Agrees to whatever a plugin asks for. A composition that uses it lets manifests grant themselves rights: it is for trying
 * things out, and it has to be written down because there is no default.
 */
export function acceptDeclared(): ConsentStore {
  const store: ConsentStore = {
    find: (_plugin, _digest, { requested }) =>
      Promise.resolve({ userId: "system:accept-declared", capabilities: requested }),
  };
  declaring.add(store);
  return store;
}

const declaring = new WeakSet<ConsentStore>();

/** Whether a store agrees to everything, so that nobody's consent can be meant by it. */
export const agreesToAll = (store: ConsentStore): boolean => declaring.has(store);
