/** Where a gateway keeps the journals of its missions, and what they are verified with. */
export interface MissionPlace {
  /** The folder: `<id>.jsonl` for each execution. */
  readonly directory: string;
  /** Files that checkpoints go to, on other disks. */
  readonly anchors: readonly string[];
  /** Files with the public keys that sign checkpoints, as `vkey` texts. */
  readonly keys: readonly string[];
}

/** What a mission is run with besides its file. */
export interface MissionRunOptions {
  /** The user who runs it. */
  readonly user: string;
  /** The repository that its paths are relative to, absolute. */
  readonly repository: string;
  /** The execution to go on with; absent for a new one. */
  readonly resume?: string;
}

/** What a run came to. */
export interface MissionReport {
  /** The id of the execution. */
  readonly id: string;
  /** How it ended. */
  readonly status: string;
}

/** The missions of a gateway. */
export interface MissionDesk {
  /** Runs a mission file on the gateway that runs on a configuration, to its end. */
  run(config: string, text: string, options: MissionRunOptions): Promise<MissionReport>;
  /** Says where the journals of a configuration lie. */
  place(config: string): Promise<MissionPlace>;
}
