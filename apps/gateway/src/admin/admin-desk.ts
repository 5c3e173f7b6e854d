import { basename } from "node:path";
import type {
  ActReport,
  InspectedPlugin,
  OperatedPlugin,
  OperatorAct,
  PluginLine,
  ReloadedConfiguration,
} from "@sigilrt/cli";
import type { AuditRecord, AuditStore, Enforcer } from "@sigilrt/enforcer";
import { type DiscoveryReport, ManagerError, type PluginManager } from "@sigilrt/manager";
import { readConfiguration } from "../configuration.ts";
import type { LiveConsents } from "./live-consents.ts";
import type { PluginLogs } from "./plugin-logs.ts";
import type { MissionRunner } from "../mission/mission-runner.ts";
import { reportOf, started } from "./act-report.ts";
import { runOnRecord } from "./on-record.ts";
import { secretDesk, type SecretChange, type SecretStanding } from "../secrets/secret-desk.ts";
import type { SecretStore } from "../secrets/secret-store.ts";

/** What an operator can do to a gateway that runs. What changes something is on record before its effect. */
export interface AdminDesk {
  list(): readonly OperatedPlugin[];
  /** `undefined` for a plugin that the gateway was never told of; as with the others below. */
  inspect(plugin: string): InspectedPlugin | undefined;
  logs(
    plugin: string,
    options: { readonly follow: boolean; readonly signal: AbortSignal },
  ): AsyncIterable<PluginLine> | undefined;
  /** Rejects with what the store of records threw; then nothing was done. */
  act(
    plugin: string,
    act: OperatorAct,
    options: { readonly clearQuarantine: boolean },
  ): Promise<ActReport | undefined>;
  /** Takes over a plugin that was approved while the gateway ran. */
  approved(plugin: string): Promise<ActReport>;
  /** Puts the file of the configuration in force. @throws Error that says why the one before stays */
  reloadConfiguration(): Promise<ReloadedConfiguration>;
  /** What is known of the secrets of every listed plugin; of no value. */
  secrets(): Promise<readonly SecretStanding[]>;
  /** Sets or removes a secret, and stops the instances that hold the one before: the next call starts them with the new one. */
  changeSecret(change: SecretChange): Promise<ActReport>;
  /** Puts what a person agreed to or refused on record. */
  record(records: readonly AuditRecord[]): Promise<void>;
  /** Runs a mission to its end. */
  readonly mission?: MissionRunner;
}

/** The desk of whoever runs the gateway, and of others. */
export interface OwnersDesk extends AdminDesk {
  /** Who answers for what is done here, as the audit names them. */
  readonly actor: string;
  /** The same desk for somebody else, who answers for what they do. */
  as(actor: string): AdminDesk;
}

/** What a desk is made of. */
export interface AdminDeskOptions {
  readonly manager: PluginManager;
  readonly enforcer: Enforcer;
  readonly audit: AuditStore;
  readonly logs: PluginLogs;
  readonly consents: LiveConsents;
  /** The folders that the manager looks at; a plugin that is approved adds its own. */
  readonly folders: string[];
  /** The file that lists them. */
  readonly configuration: string;
  readonly crashes: (plugin: string) => number;
  readonly secrets: SecretStore;
  readonly reloadConfiguration: () => Promise<ReloadedConfiguration>;
  /** What the first look at the folders came to. */
  readonly report: DiscoveryReport;
  /** Who answers for what is done, as the audit names them. */
  readonly actor: string;
}

/** Makes the desk of a gateway. */
export function createAdminDesk(options: AdminDeskOptions): OwnersDesk {
  const { manager, enforcer, audit, logs, consents, folders, crashes } = options;
  let { report } = options;

  const list = (): readonly OperatedPlugin[] => {
    const admitted = manager.list();
    const names = new Set(admitted.map(({ name }) => name));
    const absent = absentIn(report).filter(({ name }) => !names.has(name));
    return [...admitted, ...absent]
      .map((plugin) => shown(plugin, crashes(plugin.name)))
      .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  };
  const find = (name: string): OperatedPlugin | undefined =>
    list().find((plugin) => plugin.name === name);

  const load = async (name: string): Promise<ActReport> => {
    const folder = (await readConfiguration(options.configuration)).plugins.get(name)?.path;
    if (folder === undefined) {
      const message = `Cannot load "${name}": ${options.configuration} does not list it`;
      return { plugin: name, outcome: "refused", code: "PLUGIN_NOT_FOUND", message };
    }
    if (!folders.includes(folder)) folders.push(folder);
    report = await manager.discover();
    const { state, reason, version, digest } = find(name) ?? {};
    if (version !== undefined && digest !== undefined) {
      return { plugin: name, outcome: "admitted", version, digest };
    }
    const message = reason ?? `Cannot load "${name}": ${state ?? "it is not there"}`;
    return { plugin: name, outcome: "refused", code: "VERIFICATION_FAILED", message };
  };
  const isAdmitted = (name: string): boolean => manager.list().some((known) => known.name === name);
  const reload = (name: string): Promise<ActReport> =>
    isAdmitted(name) ? manager.reload(name).then(reportOf) : load(name);

  const onRecord = (
    actor: string,
    name: string,
    act: string,
    run: () => Promise<ActReport>,
  ): Promise<ActReport> =>
    runOnRecord({ audit, actor }, { plugin: name, act }, () =>
      run().catch((error: unknown) => failed(name, error)),
    );

  const deskOf = (actor: string): OwnersDesk => ({
    actor,
    list,
    inspect(name) {
      const plugin = find(name);
      return plugin && inspected(plugin, manager, enforcer);
    },
    logs: (name, how) => (find(name) ? logs.read(name, how) : undefined),
    async act(name, act, { clearQuarantine }) {
      if (!find(name)) return undefined;
      return onRecord(actor, name, act, async () => {
        switch (act) {
          case "start":
            return started(await manager.start(name, clearQuarantine ? { clearQuarantine } : {}));
          case "stop":
            await manager.stop(name);
            return { plugin: name, outcome: "stopped" };
          case "reload":
            await consents.refresh();
            return reload(name);
          case "rollback":
            return reportOf(await manager.rollback(name));
          default:
            return act satisfies never;
        }
      });
    },
    approved: (name) =>
      onRecord(actor, name, "reload", async () => {
        await consents.refresh();
        return reload(name);
      }),
    reloadConfiguration: options.reloadConfiguration,
    secrets: async () =>
      secretDesk(await readConfiguration(options.configuration), options.secrets).list(),
    async changeSecret(change) {
      const desk = secretDesk(await readConfiguration(options.configuration), options.secrets);
      return desk.change(change, { audit, actor }, async (plugin) => {
        if (!isAdmitted(plugin)) return undefined;
        const { state } = manager.get(plugin);
        await manager.stop(plugin);
        if (state === "discovered") return { plugin, outcome: "stopped" };
        return started(await manager.start(plugin, { clearQuarantine: true }));
      });
    },
    async record(records) {
      await audit.append(records);
    },
    as: deskOf,
  });
  return deskOf(options.actor);
}

function failed(plugin: string, error: unknown): ActReport {
  const code = error instanceof ManagerError ? error.code : "INTERNAL";
  const message = error instanceof Error ? error.message : "unknown failure";
  return { plugin, outcome: "refused", code, message };
}

type Shown = Omit<OperatedPlugin, "crashes">;

function shown(plugin: Shown, crashes: number): OperatedPlugin {
  const { name, state, version, type, tier, adapter, digest, reason } = plugin;
  return {
    name,
    state,
    crashes,
    ...(version === undefined ? {} : { version }),
    ...(type === undefined ? {} : { type }),
    ...(tier === undefined ? {} : { tier }),
    ...(adapter === undefined ? {} : { adapter }),
    ...(digest === undefined ? {} : { digest }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** What the folders hold beside what was admitted. */
function absentIn({ skipped, rejected, awaitingConsent }: DiscoveryReport): readonly Shown[] {
  return [
    ...skipped.map(({ dir, message }) => ({
      name: basename(dir),
      state: "refused",
      reason: message,
    })),
    ...rejected.map(({ plugin, message }) => ({ name: plugin, state: "refused", reason: message })),
    ...awaitingConsent.map(({ plugin, digest }) => ({
      name: plugin,
      state: "awaiting_consent",
      digest,
      reason: `nobody agreed to ${digest}; review and approve it`,
    })),
  ];
}

function inspected(
  plugin: OperatedPlugin,
  manager: PluginManager,
  enforcer: Enforcer,
): InspectedPlugin {
  if (plugin.version === undefined) return { ...plugin, allow: [], except: [], warnings: [] };
  const { tools, warnings } = manager.get(plugin.name);
  const everything = { workspaceAllow: ["*"], userPermissions: ["*"] };
  const granted = enforcer.effective({ plugin: plugin.name, ...everything });
  return {
    ...plugin,
    ...(tools === undefined ? {} : { tools }),
    allow: "allow" in granted ? granted.allow : granted.allOf.flat(),
    except: granted.except,
    warnings: warnings.map(({ message }) => message),
  };
}
