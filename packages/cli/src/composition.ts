import type { CallOutcome, ExaminedPlugin, LearnReport, Scenario } from "@sigilrt/manager";
import type { Finding } from "./doctor-verb.ts";
import type { ActReport, OperatedGateway } from "./operate/operated-gateway.ts";
import type { MissionFile } from "./mission/mission-file.ts";
import type { MissionDesk } from "./mission/mission-place.ts";
import type { PluginPlace } from "./plugins/plugin-place.ts";
import type { PluginRun } from "./plugins/run-verb.ts";
import type { AuditStoreOptions } from "@sigilrt/audit";
import type { AuditRecord, Explanation } from "@sigilrt/enforcer";
import type { SecretKeeper } from "./secrets/secret-keeper.ts";
import type { NewGateway } from "./init-verb.ts";
import type { TokenDesk } from "./tokens/token-desk.ts";
import type { Terminal } from "./terminal.ts";

/** Whom a client on standard streams acts for. */
export interface StdioOwner {
  /** A user of the configuration. */
  readonly user: string;
  /** A workspace of that user. */
  readonly workspace: string;
}

/** What is needed of an audit to look at it without the gateway. */
export interface AuditPlace {
  /** The folder with the segments. */
  readonly directory: string;
  /** Files that checkpoints go to, on other disks. */
  readonly anchors: readonly string[];
  /** Files with the public keys that sign checkpoints, as `vkey` texts. */
  readonly keys: readonly string[];
}

/** The audit of a configuration, with what it is written and signed with. */
export interface AuditKeeper {
  /** The folder with the segments. */
  readonly directory: string;
  /** What its store is opened with. */
  readonly options: AuditStoreOptions;
}

/** A call that a decision was about. */
export interface DecidedCall extends StdioOwner {
  /** The plugin that was to be called. */
  readonly plugin: string;
  /** The capability that was decided about. */
  readonly capability: string;
}

/** Where a gateway's plugins lie, are looked at, and are agreed to. */
export interface PluginDesk {
  /** Says where the plugins of a configuration lie. */
  place(config: string): Promise<PluginPlace>;
  /** Starts a plugin once, contained. Nobody has approved it yet, so it is granted nothing unless that is asked for. */
  examine(config: string, folder: string, rights: "none" | "declared"): Promise<ExaminedPlugin>;
  /** Runs a plugin once, contained and watched, with what its manifest asks for and no connection to anywhere. */
  learn(config: string, folder: string, scenario: Scenario): Promise<LearnReport>;
  /**
   * Calls one tool of an approved plugin without an endpoint; `log` hears what plugins and hosts say. Rejects when a gateway runs on the
   * configuration and when the plugin is not admitted. Without it `run` needs `--learn`.
   */
  run?(config: string, call: PluginRun, log: (line: string) => void): Promise<CallOutcome>;
  /** Puts records into the audit of a configuration, durably: through the gateway that runs on it, where one does. */
  record(config: string, records: readonly AuditRecord[]): Promise<void>;
  /** Adds a plugin to a configuration. */
  list(config: string, name: string, folder: string): Promise<void>;
  /** Tells the gateway that runs, where one does, that a plugin was approved; answers what it made of it. */
  approved(config: string, name: string): Promise<ActReport | undefined>;
}

/** What the commands act on: the gateway that an application composed. The commands hold no rule of their own. */
export interface Composition {
  /** The application's version. */
  readonly version: string;
  /** The configuration that is meant when none is named. */
  readonly defaultConfiguration: string;
  /** Runs the gateway until it is told to stop; answers the exit code. */
  up(
    options: {
      /** Path of the configuration. */
      readonly config: string;
      /** Serves one client on standard streams instead of a port. */
      readonly stdio?: StdioOwner;
      /** Writes what was started as one line of JSON. */
      readonly json: boolean;
      /** Follows the plugins' folders and takes changes over that pass the gates. */
      readonly watch: boolean;
    },
    terminal: Terminal,
  ): Promise<number>;
  /** Makes a gateway where there is none: configuration, data folder, keys, empty lock, first token. Rejects when there is one. */
  init?(config: string, owner: StdioOwner): Promise<NewGateway>;
  /** Makes a token and answers its text. */
  createToken(
    config: string,
    owner: StdioOwner,
    options: {
      /** When it ends; one without stays until it is revoked. */
      readonly expires?: string;
      /** Whose envelope bounds every call that is made with it. */
      readonly mission?: MissionFile;
    },
  ): Promise<string>;
  /** Lists and revokes tokens; without it those verbs are refused. */
  readonly tokens?: TokenDesk;
  /** Makes a token that signs a user in to administer, as far as their permissions below `admin` go; without it there is no such token. */
  createOperatorToken?(config: string, user: string): Promise<string>;
  /** Answers whether a pattern covers a capability; without it records cannot be asked for by capability. */
  readonly covers?: (pattern: string, capability: string) => boolean;
  /** Explains a call by the policy as it is now; rejects when the configuration does not know the user any more. */
  explain(config: string, call: DecidedCall): Promise<Explanation>;
  /** Says where the audit of a configuration lies. */
  auditPlace(config: string): Promise<AuditPlace>;
  /** Looks at what a gateway on this configuration would stand on; starts no plugin. */
  examineMachine?(config: string): Promise<readonly Finding[]>;
  /** The files of plugins; without it the verbs on plugins are refused. */
  readonly plugins?: PluginDesk;
  /** The secrets of plugins; without it the verbs on secrets are refused. */
  readonly secrets?: SecretKeeper;
  /** Reaches the gateway that runs on a configuration; rejects where none does. Without it the verbs on a running gateway are refused. */
  gateway?(config: string): Promise<OperatedGateway>;
  /** The missions of gateways; without it the verbs on missions are refused. */
  readonly missions?: MissionDesk;
  /** Hands out the audit with its signing key; without it nothing can be resealed or pruned. */
  auditKeeper?(config: string): Promise<AuditKeeper>;
}
