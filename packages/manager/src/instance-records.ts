import type { Surface } from "@sigilrt/integrity";
import { createRestartPolicy, type RestartPolicy } from "@sigilrt/lifecycle";
import type { Tell } from "./events.ts";
import { named } from "./instance-key.ts";
import type { ManagerError } from "./manager-error.ts";
import type { Settings } from "./options.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** What is known of the bytes of one plugin beyond its instances. */
export interface InstanceRecord {
  readonly policy: RestartPolicy;
  /** When they may be started again, in milliseconds since the epoch. */
  notBefore: number;
  quarantined: boolean;
  /** What they showed when they first ran. */
  surface: Surface | undefined;
  /** Why they are not started again until somebody changes something. */
  refusal: ManagerError | undefined;
  lastFailure: string | undefined;
  /** What it did against the rules since it was last started. */
  lastFault: string | undefined;
  /** The next start follows a crash. */
  isRestart: boolean;
}

/** Digests of one plugin whose crashes and surfaces are remembered. */
const MOST_DIGESTS = 16;

/** Remembers crashes, quarantine and surface of each plugin's bytes, whatever becomes of their instances. */
export class InstanceRecords {
  readonly #settings: Settings;
  readonly #tell: Tell;
  /** By plugin, then by digest, least recently used first. */
  readonly #records = new Map<string, Map<string, InstanceRecord>>();

  constructor(settings: Settings, tell: Tell) {
    this.#settings = settings;
    this.#tell = tell;
  }

  /** What is known, without making a record of it. */
  find({ manifest: { name }, tree: { digest } }: AdmittedPlugin): InstanceRecord | undefined {
    return this.#records.get(name)?.get(digest);
  }

  /** The record of a plugin's bytes, a new one where there is none. */
  of({ manifest: { name }, tree: { digest } }: AdmittedPlugin): InstanceRecord {
    const ofPlugin = this.#records.get(name) ?? new Map<string, InstanceRecord>();
    this.#records.set(name, ofPlugin);
    const record = ofPlugin.get(digest) ?? {
      policy: createRestartPolicy({ ...this.#settings.restart, random: this.#settings.random }),
      notBefore: 0,
      quarantined: false,
      surface: undefined,
      refusal: undefined,
      lastFailure: undefined,
      lastFault: undefined,
      isRestart: false,
    };
    ofPlugin.delete(digest);
    ofPlugin.set(digest, record);
    const [oldest] = ofPlugin.keys();
    if (ofPlugin.size > MOST_DIGESTS && oldest !== undefined) ofPlugin.delete(oldest);
    return record;
  }

  /** Counts a crash: a delay follows, or quarantine. `runningSince` is absent when it never ran. */
  crashed(plugin: AdmittedPlugin, record: InstanceRecord, runningSince?: number): void {
    const now = this.#settings.clock.now();
    const decision = record.policy.crashed(now, runningSince);
    if (decision.kind === "quarantine") record.quarantined = true;
    else record.notBefore = now + decision.delayMs;
    record.isRestart = true;
    if (decision.kind === "quarantine") {
      const { name } = plugin.manifest;
      this.#settings.telemetry.quarantines.add(1, { plugin: name, outcome: "entered" });
    }
    const type = decision.kind === "quarantine" ? "plugin.quarantined" : "plugin.restarting";
    this.#tell(type, named(plugin));
  }

  /** Counts the end of a start that followed a crash. */
  restarted(plugin: AdmittedPlugin, record: InstanceRecord, outcome: "ok" | "failed"): void {
    if (!record.isRestart) return;
    record.isRestart = false;
    this.#settings.telemetry.restarts.add(1, { plugin: plugin.manifest.name, outcome });
  }

  /** Lets a quarantined plugin start again. */
  clear(plugin: AdmittedPlugin): void {
    const record = this.of(plugin);
    if (record.quarantined) {
      const { name } = plugin.manifest;
      this.#settings.telemetry.quarantines.add(1, { plugin: name, outcome: "cleared" });
    }
    record.policy.clear();
    record.quarantined = false;
    record.notBefore = 0;
  }
  /** Records the end of an instance. It is gone whether or not that succeeds; a store that fails shows it in its own health. */
  stopped({ manifest, tree }: AdmittedPlugin, result: "ok" | "failed", reason: string): void {
    const { name: plugin } = manifest;
    const record = { action: "plugin.stopped", actor: "system:manager", plugin } as const;
    const { audit } = this.#settings;
    audit
      .append([{ ...record, result, reason, detail: { digest: tree.digest } }])
      .catch(() => undefined);
  }
}
