import type { ActReport } from "../operate/operated-gateway.ts";

/** A secret of a plugin, as it may be shown: whether it has a value, and never which. */
export interface SecretStanding {
  /** The plugin. */
  readonly plugin: string;
  /** The secret's name. */
  readonly name: string;
  /** Whether the plugin's manifest declares it. One that is kept and not declared is given to nobody. */
  readonly declared: boolean;
  /** Whether the plugin does not start without it. */
  readonly required: boolean;
  /** The variable that it is put into. */
  readonly env?: string;
  /** When its value was set, RFC 3339; absent when it has none. */
  readonly set?: string;
}

/** A change of one secret. */
export interface SecretChange {
  /** The plugin. */
  readonly plugin: string;
  /** The secret's name. */
  readonly name: string;
  /** The new value; absent to remove the one that is there. */
  readonly value?: string;
}

/** Where the secrets of a configuration are kept. Nothing hands a value back. */
export interface SecretKeeper {
  /** Lists the secrets of every plugin of a configuration. */
  list(config: string): Promise<readonly SecretStanding[]>;
  /** Sets or removes one, on record; a gateway that runs gives it to the plugin. Rejects when nothing was changed. */
  change(config: string, change: SecretChange): Promise<ActReport>;
}
