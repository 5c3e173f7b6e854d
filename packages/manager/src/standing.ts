import type { PluginStore } from "@sigilrt/integrity";
import type { CallsInFlight } from "./calls-in-flight.ts";
import type { EventFeed } from "./events.ts";
import type { Generation } from "./generation.ts";
import type { Instances } from "./instances.ts";
import type { Settings } from "./options.ts";
import type { Turnstile } from "./turnstile.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** What the acts of one manager share. */
export interface Standing {
  readonly settings: Settings;
  readonly calls: CallsInFlight;
  /** Aborts when the manager is being closed. */
  readonly leaving: AbortSignal;
  /** Where the calls of a plugin wait while an exclusive reload holds it. */
  readonly holds: Map<string, Turnstile>;
  /** The version before the present one, by plugin; it may be in the store still. */
  readonly previous: Map<string, AdmittedPlugin>;
  readonly events: EventFeed;
  /** What is published now; replaced in one assignment. */
  generation: Generation;
}

/** What a manager opens at its first use. */
export interface Workshop {
  readonly store: PluginStore;
  readonly instances: Instances;
}
