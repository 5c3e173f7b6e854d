import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { commandSink, type EmbeddedAuditStore, fileSink, openAuditStore } from "@sigilrt/audit";
import { matchCapability } from "@sigilrt/capability";
import { Enforcer } from "@sigilrt/enforcer";
import { openPluginStore, treeDigestVerifier } from "@sigilrt/integrity";
import { openSigningKey } from "@sigilrt/journal";
import { type DiscoveryReport, PluginManager } from "@sigilrt/manager";
import { componentPlugins, createWasmHost, modulePlugins } from "@sigilrt/wasm-host";
import type { Configuration } from "./configuration.ts";
import { consentStore, readConsents } from "./consents.ts";
import { dataFolders } from "./data-folders.ts";
import { ENGINE } from "./engine.ts";
import { openPluginSpace } from "./plugin-space.ts";
import { principals, type Principals } from "./principals.ts";
import { openProcessTier, type ProcessTier } from "./process-tier.ts";
import { rateLimit } from "./rate-limit.ts";
import { openTokenStore, type TokenStore } from "./tokens.ts";

/** An open gateway: plugins admitted, nothing served yet. */
export interface Gateway extends AsyncDisposable {
  readonly manager: PluginManager;
  readonly audit: EmbeddedAuditStore;
  readonly tokens: TokenStore;
  readonly principals: Principals;
  /** Which plugins passed, and why the others did not. */
  readonly report: DiscoveryReport;
  readonly processTier: ProcessTier;
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
  const { data, runAs: configured } = configuration;
  const runAs = process.getuid?.() === 0 ? configured : undefined;
  const folders = dataFolders(data);
  await mkdir(data, { recursive: true });
  await chmod(data, 0o711);
  await mkdir(folders.keys, { recursive: true, mode: 0o700 });
  const opened: AsyncDisposable[] = [];
  const close = closing(opened);
  try {
    const signer = await openSigningKey(join(folders.keys, "audit.pem"), "sigil-gateway");
    await writeFile(folders.publicKey, `${signer.vkey}\n`, { mode: 0o600 });
    const audit = await openAuditStore(folders.audit, {
      signer,
      sinks: configuration.audit.anchors.map((anchor) =>
        "file" in anchor ? fileSink(anchor.file) : commandSink(anchor.command),
      ),
      durability: configuration.audit.durability,
      covers: matchCapability,
    });
    opened.push(audit);
    await recordConfiguration(audit, configuration.path);
    const consents = await readConsents(configuration.consents);
    const space = await openPluginSpace(data, runAs);
    const processTier = await openProcessTier({
      space,
      reserved: [...new Set([data, dirname(space.store)])],
      runAs,
      onViolation: async ({ plugin, kind, detail }) => log(`plugin ${plugin}: ${kind}: ${detail}`),
    });
    if (processTier.usable) opened.push(processTier.sandbox);
    const wasm = createWasmHost({ isolation: "worker" });
    opened.push(wasm);
    const enforcer = new Enforcer(audit, Date);
    const known = principals(configuration);
    const manager = new PluginManager({
      directories: [],
      folders: [...configuration.plugins.values()].map(({ path }) => path),
      hosts: {
        component: componentPlugins(wasm, {
          imports: {},
          async decide({ capability, plugin, principal }, { signal }) {
            const owner = principal && known.find(principal);
            if (!owner) return false;
            const subject = {
              plugin,
              capability,
              userId: owner.user,
              workspaceId: owner.workspace,
            };
            const sets = {
              workspaceAllow: owner.workspaceAllow,
              userPermissions: owner.permissions,
            };
            return (await enforcer.check({ ...subject, ...sets }, { signal })).allowed;
          },
        }),
        module: modulePlugins(wasm),
        ...(processTier.usable ? processTier.hosts : {}),
      },
      store: await openPluginStore(space.store),
      lockPath: configuration.lock,
      verifier: treeDigestVerifier(),
      consent: consentStore(consents),
      enforcer,
      audit,
      engine: ENGINE,
      guards: [rateLimit(configuration.callsPerMinute, Date)],
      eager: [...configuration.plugins].filter(([, { eager }]) => eager).map(([name]) => name),
    });
    opened.push(manager);
    const report = await manager.discover();
    return {
      manager,
      audit,
      tokens: await openTokenStore(folders.tokens),
      principals: known,
      report,
      processTier,
      run: space.run,
      notices: [
        ...(space.elsewhere === undefined ? [] : [space.elsewhere]),
        ...(runAs ? [`plugins run as uid ${runAs.uid}, gid ${runAs.gid}`] : []),
        ...(configuration.audit.durability === "none"
          ? ["audit durability is none: UNSAFE, a power cut loses decisions"]
          : []),
      ],
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a decision was made under can be told later: the digest of the configuration is on record before any decision. */
async function recordConfiguration(audit: EmbeddedAuditStore, path: string): Promise<void> {
  const digest = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
  const record = {
    action: "config.changed",
    actor: "system:gateway",
    result: "ok",
    reason: "ok",
  } as const;
  await audit.append([{ ...record, detail: { sha256: digest } }]);
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
