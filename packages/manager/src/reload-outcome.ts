import type { DrainReport } from "./calls-in-flight.ts";
import type { ManagerErrorCode } from "./manager-error.ts";
import type { PluginRejection } from "./rejection.ts";
import type { AwaitingPlugin } from "./verify.ts";

/** What became of the plugin that ran before a reload that was refused: `kept` as it was, `restarted`, or `down`, which says that it did not start again. */
export type PreviousPlugin = "kept" | "restarted" | "down";

/** Why a plugin was not replaced. */
export interface ReloadRefusal {
  /** What callers branch on. */
  readonly code: ManagerErrorCode;
  /** The same for people. */
  readonly message: string;
  /** The refusal with its evidence, where there is one. */
  readonly rejection?: PluginRejection;
  /** What a person has to agree to, for `CONSENT_REQUIRED`. */
  readonly awaiting?: AwaitingPlugin;
}

/** How a reload or a rollback ended. A refusal is an ordinary answer. */
export type ReloadOutcome =
  | {
      /** Another version answers now, and nothing of the one before is left. */
      readonly kind: "replaced";
      /** The plugin. */
      readonly plugin: string;
      /** `blue_green` started the new one beside the old one, `exclusive` after it. */
      readonly way: "blue_green" | "exclusive";
      /** The digest before; the same as `to` when only the consent or the lock changed. */
      readonly from: string;
      /** The digest that answers now. */
      readonly to: string;
      /** The version that answers now. */
      readonly version: string;
      /** The generation in which it answers. */
      readonly generation: number;
      /** How the calls of the one before ended. */
      readonly drained: DrainReport;
    }
  | {
      /** The bytes, the consent and the lock are the ones that are published: nothing was done. */
      readonly kind: "unchanged";
      /** The plugin. */
      readonly plugin: string;
      /** The generation, which is the one before. */
      readonly generation: number;
    }
  | {
      /** Nothing was published. */
      readonly kind: "refused";
      /** The plugin. */
      readonly plugin: string;
      /** Why. */
      readonly refusal: ReloadRefusal;
      /** What became of the one before. */
      readonly previous: PreviousPlugin;
    };
