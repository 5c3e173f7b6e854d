/** A plugin as a gateway that runs sees it. */
export interface OperatedPlugin {
  /** Its name. */
  readonly name: string;
  /** Where its newest instance stands, or `refused` or `awaiting_consent` for one that was not admitted. */
  readonly state: string;
  /** Its version; as everything below absent for a plugin that was not admitted. */
  readonly version?: string;
  /** What it is. */
  readonly type?: string;
  /** How it is isolated. */
  readonly tier?: string;
  /** How it is spoken to. */
  readonly adapter?: string;
  /** The digest of the bytes that run. */
  readonly digest?: string;
  /** Why it does not run, when something is wrong. */
  readonly reason?: string;
  /** How often it crashed since the gateway began. */
  readonly crashes: number;
}

/** One plugin in full. */
export interface InspectedPlugin extends OperatedPlugin {
  /** The tools it may show, once they are known. */
  readonly tools?: readonly string[];
  /** Patterns of what it was granted. */
  readonly allow: readonly string[];
  /** Patterns that take something away from it. */
  readonly except: readonly string[];
  /** What is unwise in its manifest. */
  readonly warnings: readonly string[];
}

/** One line of what a plugin wrote to its error stream, or of what its host says about it. */
export interface PluginLine {
  /** When it came, RFC 3339. */
  readonly at: string;
  /** Who says it: the text of a `plugin` is anybody's. */
  readonly source: "plugin" | "host";
  /** The text. */
  readonly text: string;
  /** How many lines before it were dropped, because nobody read. */
  readonly dropped: number;
}

/** What an operator can do to a plugin. */
export type OperatorAct = "start" | "stop" | "reload" | "rollback";

/** What an act came to. */
export interface ActReport {
  /** The plugin. */
  readonly plugin: string;
  /** How it ended; `admitted` starts with its first call; `refused` changed nothing of what ran before, unless the message says so. */
  readonly outcome: "admitted" | "started" | "stopped" | "replaced" | "unchanged" | "refused";
  /** The code of a refusal. */
  readonly code?: string;
  /** The same for people. */
  readonly message?: string;
  /** The version that answers now. */
  readonly version?: string;
  /** The digest that answers now. */
  readonly digest?: string;
}

/** What taking a configuration over came to. */
export interface ReloadedConfiguration {
  /** Whether the file differs from what was in force. */
  readonly changed: boolean;
  /** SHA-256 of the file that is in force now, in hex. */
  readonly digest: string;
}

/** A gateway that runs, as its operator reaches it. Rejects with an Error for a plugin it does not know. */
export interface OperatedGateway {
  /** Every plugin it was told of, by name. */
  list(): Promise<readonly OperatedPlugin[]>;
  /** One plugin. */
  inspect(plugin: string): Promise<InspectedPlugin>;
  /** The newest lines of a plugin, oldest first; with `follow` also those to come, until the gateway stops. */
  logs(
    plugin: string,
    options: {
      /** Goes on with what comes. */
      readonly follow: boolean;
    },
  ): AsyncIterable<PluginLine>;
  /** Does something to a plugin, on record. */
  act(
    plugin: string,
    act: OperatorAct,
    options: {
      /** Lets a plugin start that crashed too often. */
      readonly clearQuarantine: boolean;
    },
  ): Promise<ActReport>;
  /** Puts its configuration file in force, all of it or none. Rejects with the reason; then the one before stays. */
  reloadConfiguration(): Promise<ReloadedConfiguration>;
}
