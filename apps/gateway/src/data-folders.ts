import { join } from "node:path";

/** The parts of a data folder. */
export interface DataFolders {
  readonly audit: string;
  readonly keys: string;
  /** What checkpoints are verified with, as text. */
  readonly publicKey: string;
  readonly tokens: string;
  /** Tokens of those who administer. */
  readonly operators: string;
  /** What plugins keep with the gateway. */
  readonly kv: string;
  /** The journals of missions. */
  readonly missions: string;
  /** What their checkpoints are verified with, as text. */
  readonly missionKey: string;
  /** Sealed secrets of plugins, and the key beside them. */
  readonly secrets: { readonly boxes: string; readonly key: string };
}

/** Where the parts of a data folder lie. */
export const dataFolders = (data: string): DataFolders => ({
  audit: join(data, "audit"),
  keys: join(data, "keys"),
  publicKey: join(data, "keys/audit.vkey"),
  tokens: join(data, "keys/tokens"),
  operators: join(data, "keys/operators"),
  kv: join(data, "kv"),
  missions: join(data, "missions"),
  missionKey: join(data, "keys/missions.vkey"),
  secrets: { boxes: join(data, "keys/secrets"), key: join(data, "keys/secrets.key") },
});
