import type { MissionLog } from "./mission-log.ts";
import type { MissionOptions } from "./mission-options.ts";

/** What operations are run with. */
export interface OperationMeans {
  readonly log: MissionLog;
  readonly options: MissionOptions;
  /** Where bytes are kept that may have to be put back. */
  readonly snapshots: string;
  readonly now: () => number;
}
