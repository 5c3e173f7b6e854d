import { chmod, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { EmbeddedAuditStore } from "@sigilrt/audit";
import { Enforcer } from "@sigilrt/enforcer";
import { openPluginStore, treeDigestVerifier } from "@sigilrt/integrity";
import type { DiscoveryReport, PluginManager } from "@sigilrt/manager";
import { createWasmHost } from "@sigilrt/wasm-host";
import { createAdminDesk, type OwnersDesk } from "./admin/admin-desk.ts";
import { countCrashes } from "./admin/crash-count.ts";
import { openConsents } from "./admin/live-consents.ts";
import { createPluginLogs } from "./admin/plugin-logs.ts";
import { callsInProgress } from "./callbacks/calls-in-progress.ts";
import { componentImports } from "./callbacks/component-imports.ts";
import { FollowedManager } from "./callbacks/followed-manager.ts";
import { hostCallbacks } from "./callbacks/host-callbacks.ts";
import { openKvStore } from "./callbacks/kv-store.ts";
import { pluginAsks } from "./callbacks/plugin-asks.ts";
import type { Configuration } from "./configuration.ts";
import { dataFolders } from "./data-folders.ts";
import { egressRecorder } from "./egress-recorder.ts";
import { ENGINE } from "./engine.ts";
import { missionRunner } from "./mission/mission-runner.ts";
import { openAudit } from "./open-audit.ts";
import { pluginHosts } from "./plugin-hosts.ts";
import { openPluginSpace, type PluginSpace, type RunAs, runAsOf } from "./plugin-space.ts";
import { limitCalls } from "./call-limits.ts";
import { type LiveConfiguration, liveConfiguration } from "./live-configuration.ts";
import { createDecisionFeed, type DecisionFeed } from "./page/decision-feed.ts";
import { createMeasures, type Measures } from "./page/measures.ts";
import { livePrincipals, type LivePrincipals } from "./principals.ts";
import { openProcessTier, type ProcessTier } from "./process-tier.ts";
import { createRedaction } from "./secrets/redaction.ts";
import { secretSource } from "./secrets/secret-source.ts";
import { secretStore } from "./secrets/secret-store.ts";
import { openTokenStore, type TokenStore } from "./tokens.ts";

/** An open gateway: plugins admitted, nothing served yet. */
export interface Gateway extends AsyncDisposable {
  readonly manager: PluginManager;
  readonly audit: EmbeddedAuditStore;
  readonly enforcer: Enforcer;
  /** What is decided, while it is. */
  readonly decisions: DecisionFeed;
  readonly measures: Measures;
  readonly tokens: TokenStore;
  /** Operators' tokens, which no MCP client's is. */
  readonly operators: TokenStore;
  readonly principals: LivePrincipals;
  /** The configuration that is in force. */
  readonly configuration: LiveConfiguration;
  /** Which plugins passed, and why the others did not. */
  readonly report: DiscoveryReport;
  readonly processTier: ProcessTier;
  /** What its operator can do to it. */
  readonly desk: OwnersDesk;
  /** A private folder for sockets, with a path short enough for them. */
  readonly run: string;
  /** What an operator should know: choices that weaken it, folders that lie elsewhere. */
  readonly notices: readonly string[];
  /** Ends plugins, then writes the last checkpoint. Closing twice is closing once. */
  close(): Promise<void>;
}

/**
 * Opens a gateway on its data folder: the audit first, so that whatever happens is on record, then the plugins.
 *
 * @throws AuditError `LOCKED` while another gateway holds the folder, `NOT_VERIFIED`, `IO`; ManagerError for a lock file that is
 * refused; Error for consents that cannot be read
 */
export async function openGateway(
  configuration: Configuration,
  log: (line: string) => void,
): Promise<Gateway> {
  const { data, plugins } = configuration;
  const runAs = runAsOf(configuration.runAs);
  await mkdir(data, { recursive: true });
  await chmod(data, 0o711);
  const opened: AsyncDisposable[] = [];
  const close = closing(opened);
  const keep = <T extends AsyncDisposable>(resource: T): T => {
    opened.push(resource);
    return resource;
  };
  try {
    const audit = keep(await openAudit(configuration));
    const consents = await openConsents(configuration.consents);
    const logs = createPluginLogs();
    const folders = [...plugins.values()].map(({ path }) => path);
    const space = await openPluginSpace(data, runAs);
    const decisions = createDecisionFeed(Date);
    const measures = createMeasures();
    const recorded = decisions.watch(measures.timed(audit));
    const enforcer = new Enforcer(recorded, Date);
    const redaction = createRedaction();
    const secrets = secretStore(dataFolders(data).secrets);
    const tell = (plugin: string, said: string): void => {
      const line = redaction.hide(plugin, said);
      log(`plugin ${plugin}: ${line}`);
      logs.note(plugin, line);
    };
    const known = livePrincipals(configuration);
    const limiter = limitCalls(configuration.limits, Date);
    const kv = keep(await openKvStore(dataFolders(data).kv));
    const calls = callsInProgress();
    const asks = pluginAsks({ calls, enforcer, audit: recorded, principals: known });
    const processTier = await openProcessTier({
      space,
      reserved: [...new Set([data, dirname(space.store)])],
      runAs,
      logs,
      redaction,
      callbacks: hostCallbacks({ asks, kv, calls, manager: () => manager }),
      onViolation: async ({ plugin, kind, detail }) => tell(plugin, `${kind}: ${detail}`),
      onEgress: egressRecorder({ enforcer, principals: known, log }),
    });
    if (processTier.usable) keep(processTier.sandbox);
    const wasm = keep(createWasmHost({ isolation: "worker" }));
    const manager: PluginManager = keep(
      new FollowedManager(
        {
          directories: [],
          folders,
          hosts: pluginHosts({
            processTier,
            wasm,
            components: componentImports(asks, kv),
            calls,
            tell,
            logs,
            redaction,
          }),
          secrets: secretSource(secrets, redaction),
          storage: ["kv"],
          store: await openPluginStore(space.store),
          lockPath: configuration.lock,
          verifier: treeDigestVerifier(),
          consent: consents,
          enforcer,
          audit: recorded,
          engine: ENGINE,
          guards: [limiter.guard],
          ...(configuration.watch === true ? { watch: { debounceMs: 200 } } : {}),
          eager: [...plugins].filter(([, { eager }]) => eager).map(([name]) => name),
        },
        calls,
      ),
    );
    measures.watchDropped(() => manager.lostOutcomes + enforcer.lostDenials);
    const crashes = countCrashes(manager);
    const report = await manager.discover();
    const live = liveConfiguration(configuration, {
      principals: known,
      limiter,
      audit: recorded,
      folders,
      look: () => manager.discover(),
    });
    return {
      manager,
      audit,
      enforcer,
      decisions,
      measures,
      tokens: await openTokenStore(dataFolders(data).tokens),
      operators: await openTokenStore(dataFolders(data).operators),
      principals: known,
      configuration: live,
      report,
      desk: {
        ...createAdminDesk({
          manager,
          enforcer,
          audit: recorded,
          logs,
          consents,
          folders,
          configuration: configuration.path,
          crashes,
          secrets,
          reloadConfiguration: () => live.reload(),
          report,
          actor: `operator:${process.getuid?.() ?? 0}`,
        }),
        mission: missionRunner({
          configuration: () => live.current,
          manager,
          principals: known,
          store: space.store,
        }),
      },
      processTier,
      run: space.run,
      notices: noticesOf(configuration, space, runAs),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function noticesOf(
  { audit: { durability } }: Configuration,
  { elsewhere }: PluginSpace,
  runAs: RunAs | undefined,
): readonly string[] {
  return [
    ...(elsewhere === undefined ? [] : [elsewhere]),
    ...(runAs ? [`plugins run as uid ${runAs.uid}, gid ${runAs.gid}`] : []),
    ...(durability === "none"
      ? ["audit durability is none: UNSAFE, a power cut loses decisions"]
      : []),
  ];
}

/** Closes newest first; each is closed even when another cannot be. */
function closing(opened: readonly AsyncDisposable[]): () => Promise<void> {
  let closed: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const resource of opened.toReversed()) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- the audit is last, after everything it records
        await resource[Symbol.asyncDispose]();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  return () => (closed ??= closeAll());
}
