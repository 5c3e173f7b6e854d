/** Where the plugins of a configuration lie. Every path is absolute. */
export interface PluginPlace {
  /** The lock file. */
  readonly lock: string;
  /** The file of recorded consents. */
  readonly consents: string;
  /** The folders that the configuration lists, by plugin. */
  readonly folders: ReadonlyMap<string, string>;
  /** Where an approved plugin is laid out that is not listed yet. */
  readonly home: string;
  /** Where plugins wait for a review. Nothing in it runs in a gateway. */
  readonly staged: string;
}
