import type { Explanation } from "@sigilrt/enforcer";
import { openTemporaryPluginStore, type PluginStore } from "@sigilrt/integrity";
import type { CallChunk, Content, Waiting } from "@sigilrt/lifecycle";
import type { CallOptions, CallOutcome, CallRequest, Principal } from "./call.ts";
import { discoverPlugins } from "./discover.ts";
import { emptyGeneration, type Generation } from "./generation.ts";
import { approvedTools } from "./grant-for.ts";
import { Instances } from "./instances.ts";
import { ManagerError } from "./manager-error.ts";
import { type PluginManagerOptions, settle, type Settings } from "./options.ts";
import type { DiscoveryReport, PluginSummary, ToolView } from "./report.ts";
import { runCall } from "./run-call.ts";
import type { AdmittedPlugin } from "./verify.ts";
import { visibleTools } from "./visible-tools.ts";

/** How {@link PluginManager.start} starts. */
export interface StartOptions extends Waiting {
  /** For whom, when the plugin is not shared; the runtime itself when absent. */
  readonly principal?: Pick<Principal, "workspace" | "user">;
  /** Lets a plugin start that crashed too often. */
  readonly clearQuarantine?: true;
}

const runtime = { workspace: "system", user: "system:manager" };

/**
 * Turns folders into admitted, running, supervised plugins. It decides nothing: every call is decided by the enforcer, and no byte
 * runs that the verifier did not confirm and a person did not agree to.
 */
export class PluginManager implements AsyncDisposable {
  readonly #settings: Settings;
  readonly #closing = new AbortController();
  #generation: Generation = emptyGeneration;
  #workshop: Promise<Workshop> | undefined;
  #discovery: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;
  #lostOutcomes = 0;

  /** @throws TypeError when a part without default is missing */
  constructor(options: PluginManagerOptions) {
    this.#settings = settle(options);
  }

  /** How many outcomes of calls could not be recorded. Above 0, health is red. */
  get lostOutcomes(): number {
    return this.#lostOutcomes;
  }

  /**
   * Looks at the folders, verifies all plugins before any of them runs, asks for consent, and publishes one new generation. Two
   * calls run one after the other. What was published before stays whole when it rejects.
   *
   * @throws {@link ManagerError} `VERIFICATION_FAILED` when the lock file is refused or a plugin folder cannot be listed, `CLOSED`
   */
  discover(options: Waiting = {}): Promise<DiscoveryReport> {
    const next = this.#discovery.then(() => this.#discover(options));
    this.#discovery = next.catch(() => undefined);
    return next;
  }

  /** The admitted plugins, by name, bytewise. */
  list(): readonly PluginSummary[] {
    return [...this.#generation.plugins.values()].map((plugin) => this.#summary(plugin));
  }

  /** One admitted plugin. @throws {@link ManagerError} `PLUGIN_NOT_FOUND` */
  get(name: string): PluginSummary {
    return this.#summary(this.#find(name));
  }

  /**
   * Starts a plugin that would otherwise start at its first call.
   *
   * @throws {@link ManagerError} `PLUGIN_NOT_FOUND`, `QUARANTINED`, `CLOSED`, or why it did not start
   */
  async start(name: string, options: StartOptions = {}): Promise<PluginSummary> {
    const plugin = this.#find(name);
    const { instances } = await this.#open();
    if (options.clearQuarantine) instances.clearQuarantine(name);
    instances.forgetRefusals(name);
    const signal = options.signal ?? this.#closing.signal;
    const lease = await instances.acquire(plugin, options.principal ?? runtime, signal);
    if ("started" in lease) {
      lease.release();
      return this.get(name);
    }
    if (lease.reason === "refused") throw lease.error;
    const code = lease.reason === "quarantined" ? "QUARANTINED" : "START_FAILED";
    throw new ManagerError(code, `Cannot start "${name}": ${lease.reason}`, { plugin: name });
  }

  /** Stops the instances of a plugin after their calls. The next call starts it again. @throws {@link ManagerError} `PLUGIN_NOT_FOUND` */
  async stop(name: string): Promise<void> {
    this.#find(name);
    const { instances } = await this.#open();
    await instances.closeWhere(({ manifest }) => manifest.name === name);
  }

  /** Runs a tool and answers with everything it said. Never rejects: a failure is an outcome. */
  async call(request: CallRequest, options: CallOptions = {}): Promise<CallOutcome> {
    const content: Content[] = [];
    let outcome: CallOutcome = { kind: "cancelled", by: "caller" };
    for await (const part of this.stream(request, options)) {
      if (part.kind === "content") content.push(part.content);
      else if (part.kind !== "progress" && part.kind !== "result") outcome = part;
    }
    return outcome.kind === "completed" && content.length > 0
      ? { ...outcome, content: [...content, ...outcome.content] }
      : outcome;
  }

  /** Runs a tool and yields what it says as it says it, then exactly one outcome. Leaving the loop cancels the call. */
  async *stream(
    request: CallRequest,
    options: CallOptions = {},
  ): AsyncGenerator<CallChunk | CallOutcome> {
    if (this.#closed) {
      yield { kind: "unavailable", reason: "reloading" };
      return;
    }
    const generation = this.#generation;
    const { instances } = await this.#open();
    yield* runCall(request, options, {
      settings: this.#settings,
      generation,
      instances,
      closing: this.#closing.signal,
      lost: () => {
        this.#lostOutcomes += 1;
      },
    });
  }

  /** The tools a principal may call, by the decision that {@link PluginManager.call} makes. */
  visibleTools(principal: Principal): ToolView {
    return visibleTools(this.#settings, this.#generation, this.#instances, principal);
  }

  /**
   * Says which sets allow a call, which do not, and the smallest change that would allow it. Nothing runs and nothing is recorded: it is
   * for people who may see the policy.
   */
  explain({ plugin, tool, principal }: CallRequest): Explanation {
    const { user, workspace, workspaceAllow, permissions, mission } = principal;
    return this.#settings.enforcer.explain({
      plugin,
      capability: `tool.${plugin}.${tool}`,
      userId: user,
      workspaceId: workspace,
      workspaceAllow,
      userPermissions: permissions,
      ...(mission === undefined ? {} : { mission }),
    });
  }

  /** Refuses new calls, lets running ones end within each plugin's grace, stops everything, closes the hosts. Closing twice is closing once. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** As {@link PluginManager.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #discover(options: Waiting): Promise<DiscoveryReport> {
    if (this.#closed) throw new ManagerError("CLOSED", "Cannot discover plugins: closed");
    const { store, instances } = await this.#open();
    const before = this.#generation;
    const { report, generation } = await discoverPlugins(this.#settings, store, before, {
      publish: (next) => {
        this.#generation = next;
      },
      signal: options.signal,
    });
    await instances.closeWhere(
      ({ manifest, tree }) => generation.plugins.get(manifest.name)?.tree.digest !== tree.digest,
    );
    const eager = this.#settings.eager.filter((name) => generation.plugins.has(name));
    // A plugin that does not start stays listed with its reason and stops nobody.
    await Promise.allSettled(eager.map((name) => this.start(name)));
    return report;
  }

  #summary(plugin: AdmittedPlugin): PluginSummary {
    const { manifest, tree } = plugin;
    const { name, version, type, adapter, warnings } = manifest;
    const known = this.#instances?.surface(plugin)?.tools.map((tool) => tool.name);
    const tools = known ?? approvedTools(plugin);
    const { state, reason } = this.#instances?.describe(name) ?? unknown;
    return Object.freeze({
      name,
      version,
      type,
      tier: manifest.execution.tier,
      adapter,
      digest: tree.digest,
      state,
      ...(reason === undefined ? {} : { reason }),
      ...(tools === undefined ? {} : { tools }),
      warnings,
    });
  }

  #instances: Instances | undefined;

  #find(name: string): AdmittedPlugin {
    const plugin = this.#generation.plugins.get(name);
    if (plugin) return plugin;
    const message = `Cannot find plugin "${name.slice(0, 64)}": it is not admitted`;
    throw new ManagerError("PLUGIN_NOT_FOUND", message, { plugin: name });
  }

  #open(): Promise<Workshop> {
    this.#workshop ??= openWorkshop(this.#settings).then((workshop) => {
      this.#instances = workshop.instances;
      return workshop;
    });
    return this.#workshop;
  }

  async #close(): Promise<void> {
    await this.#discovery;
    const workshop = await this.#workshop;
    await workshop?.instances.close();
    this.#closing.abort();
    const hosts = new Set(Object.values(this.#settings.hosts));
    await Promise.all([...hosts].map((host) => host.close()));
    await workshop?.remove();
  }
}

const unknown = { state: "discovered", reason: undefined };

/** What a manager opens at its first use. */
interface Workshop {
  readonly store: PluginStore;
  readonly instances: Instances;
  remove(): Promise<void>;
}

async function openWorkshop(settings: Settings): Promise<Workshop> {
  if (settings.store) {
    const { store } = settings;
    return { store, instances: new Instances(settings, store), remove: () => Promise.resolve() };
  }
  const store = await openTemporaryPluginStore();
  const remove = (): Promise<void> => Promise.resolve(store[Symbol.asyncDispose]());
  return { store, instances: new Instances(settings, store), remove };
}
