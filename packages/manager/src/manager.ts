import type { Explanation } from "@sigilrt/enforcer";
import type { PluginStore } from "@sigilrt/integrity";
import type {
  CallChunk,
  ChannelHandle,
  Content,
  ProviderHandle,
  ServiceHandle,
  Waiting,
} from "@sigilrt/lifecycle";
import type { CallOptions, CallOutcome, CallRequest, OpenRequest, Principal } from "./call.ts";
import { CallsInFlight } from "./calls-in-flight.ts";
import { startOrder, withDependents } from "./dependencies.ts";
import { EventFeed, type ManagerEvent } from "./events.ts";
import { emptyGeneration } from "./generation.ts";
import type { Instances } from "./instances.ts";
import { judgeFolder, judgeStored, nothingBefore } from "./judge.ts";
import { learnNamed } from "./learn.ts";
import type { LearnReport, Scenario } from "./learn-report.ts";
import { ManagerError } from "./manager-error.ts";
import { openHandle } from "./open.ts";
import { observeCall } from "./observe-call.ts";
import { observeReload } from "./observe-reload.ts";
import { type PluginManagerOptions, settle, type Settings } from "./options.ts";
import type { ReloadOutcome } from "./reload-outcome.ts";
import { lookAtFolders } from "./look-at-folders.ts";
import { replacePlugin, retire } from "./replace-plugin.ts";
import type { DiscoveryReport, PluginSummary, ToolView } from "./report.ts";
import { runCall, subjectOf } from "./run-call.ts";
import { createSequence, type Sequence } from "./sequence.ts";
import { standInLine } from "./stand-in-line.ts";
import type { Standing } from "./standing.ts";
import { type StartOptions, startPlugin } from "./start-plugin.ts";
import { summaryOf } from "./summary.ts";
import type { AdmittedPlugin, Verdict } from "./verify.ts";
import { type ClosableWorkshop, openWorkshop } from "./workshop.ts";
import { type OfferView, visibleOffers } from "./visible-offers.ts";
import { visibleTools } from "./visible-tools.ts";
import { type WatchActs, WatchMode } from "./watch-mode.ts";

/** Changes of the plugins that wait for one another. */
const MOST_CHANGES = 256;

/**
 * Turns folders into admitted, running, supervised plugins. It decides nothing: every call is decided by the enforcer, and no byte
 * runs that the verifier did not confirm and a person did not agree to.
 */
export class PluginManager implements AsyncDisposable {
  readonly #settings: Settings;
  readonly #leaving = new AbortController();
  readonly #closing = new AbortController();
  readonly #standing: Standing;
  /** Whatever publishes a generation. */
  readonly #changes = createSequence(MOST_CHANGES);
  /** Reloads of one plugin, each with the end of what it replaced. */
  readonly #reloads = new Map<string, Sequence>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #handles = new Set<AsyncDisposable>();
  #workshop: Promise<ClosableWorkshop> | undefined;
  #closed: Promise<void> | undefined;
  #lostOutcomes = 0;
  #watching: WatchMode | undefined;

  /** @throws TypeError when a part without default is missing; RangeError when `watch.debounceMs` is out of bounds */
  constructor(options: PluginManagerOptions) {
    this.#settings = settle(options);
    this.#standing = {
      settings: this.#settings,
      calls: new CallsInFlight(this.#settings.clock),
      leaving: this.#leaving.signal,
      holds: new Map(),
      previous: new Map(),
      events: new EventFeed(this.#settings.clock),
      generation: emptyGeneration,
    };
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
    return this.#tracked(this.#changes(() => this.#discover(options)));
  }

  /** The admitted plugins, by name, bytewise. */
  list(): readonly PluginSummary[] {
    const { plugins } = this.#standing.generation;
    return [...plugins.values()].map((plugin) => summaryOf(plugin, this.#instances));
  }

  /** One admitted plugin. @throws {@link ManagerError} `PLUGIN_NOT_FOUND` */
  get(name: string): PluginSummary {
    return summaryOf(this.#find(name), this.#instances);
  }

  /**
   * Starts a plugin that would otherwise start at its first call.
   *
   * @throws {@link ManagerError} `PLUGIN_NOT_FOUND`, `QUARANTINED`, `CLOSED`, or why it did not start
   */
  async start(name: string, options: StartOptions = {}): Promise<PluginSummary> {
    this.#find(name);
    const { instances } = await this.#open();
    const signal = options.signal ?? this.#closing.signal;
    await startPlugin(() => this.#find(name), options, this.#standing, instances, signal);
    return this.get(name);
  }

  /** Stops the instances of a plugin after their calls, and before them those of plugins that depend on it. The next call starts it again. @throws {@link ManagerError} `PLUGIN_NOT_FOUND` */
  async stop(name: string): Promise<void> {
    const plugin = this.#find(name);
    const { instances } = await this.#open();
    const over = withDependents(this.#standing.generation.plugins, name);
    this.#standing.calls.endStreams(plugin);
    await instances.closeWhere(({ manifest }) => over.has(manifest.name));
  }

  /**
   * Replaces a plugin by what lies in its folder now, without losing a call. What is there passes the four gates; a refusal leaves what
   * ran before and says why. Where both versions say `hot_reload: true` the new one is started beside the old one, else after it, and
   * new calls wait so long, at most `limits.queue` of them and `limits.queueMs` each. Calls keep the version they began with; those that
   * outlive its `graceful_shutdown_timeout` end as `cancelled` by `drain_limit`. Resolves when nothing of the old version is left.
   * Reloads of one plugin run one after the other. The signal counts until the new version is published.
   *
   * @throws {@link ManagerError} `PLUGIN_NOT_FOUND`, `OVERLOADED`, `CLOSED`; what the store of records threw, and then nothing was published
   */
  reload(name: string, options: Waiting = {}): Promise<ReloadOutcome> {
    return this.#replace(name, options, (store, signal) =>
      judgeFolder(name, this.#settings, store, signal),
    );
  }

  /**
   * Publishes the version before the present one again, from the store. It passes the gates like any other: a lock that names one digest
   * refuses it, and the refusal says which bytes to lock and approve. What lies in the folder is not looked at; the next `discover` or
   * `reload` is. Otherwise as {@link PluginManager.reload}, with the errors of it.
   */
  rollback(name: string, options: Waiting = {}): Promise<ReloadOutcome> {
    return this.#replace(name, options, async (store, signal) => {
      const previous = this.#standing.previous.get(name);
      return previous ? judgeStored(previous, this.#settings, store, signal) : nothingBefore(name);
    });
  }

  /**
   * What happens from now on, for people and pages; what must not be lost is in the audit. Each reader has 1,024 events at most that it
   * did not read; `dropped` of an event counts those it lost before. Ends with the signal or the manager.
   */
  events(options: Waiting = {}): AsyncIterableIterator<ManagerEvent> {
    return this.#standing.events.read(options.signal);
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
    const { instances } = await this.#open();
    const ended = await standInLine(subjectOf(request), options, this.#standing);
    // From here on the plugin is counted as in use: no wait may stand between the two.
    const { generation, calls } = this.#standing;
    const plugin = generation.plugins.get(request.plugin);
    if (ended || this.#closed) {
      const outcome = ended ?? ({ kind: "unavailable", reason: "reloading" } as const);
      observeCall(request, plugin, this.#settings).end(outcome);
      yield outcome;
      return;
    }
    const stay = plugin && calls.enter(plugin);
    try {
      yield* runCall(request, options, {
        settings: this.#settings,
        generation,
        instances,
        drainLimit: stay?.drainLimit,
        closing: this.#closing.signal,
        lost: () => {
          this.#lostOutcomes += 1;
        },
      });
    } finally {
      stay?.leave();
    }
  }

  /**
   * Opens the channel or provider of a plugin on somebody's behalf. Nothing is started and nothing decided yet: each operation of the handle
   * takes the way of a call, from guards to outcome record, and each inbound message does so before it is handed on. An operation runs on the
   * version that is published when it begins, and a reload drains it like a call; a reader of `inbound` goes on with the next version. The
   * operations throw {@link ManagerError} alone: `DENIED`, `UNAVAILABLE` and `CANCELLED` with their `outcome`, `FAILED` when the plugin says
   * that it failed, `TYPE_UNSUPPORTED` when it does not serve what its type says, `CLOSED` after the handle was closed. Closing it ends what
   * runs. The signal closes it as well.
   *
   * @throws {@link ManagerError} `PLUGIN_NOT_FOUND`, `TYPE_UNSUPPORTED`, `CLOSED`, or why it cannot start
   */
  open(request: OpenRequest<"channel">, options?: Waiting): Promise<ChannelHandle>;
  /** As for a channel. */
  open(request: OpenRequest<"provider">, options?: Waiting): Promise<ProviderHandle>;
  /** As for a channel, where the kind is known at run time alone. */
  open(request: OpenRequest, options?: Waiting): Promise<ServiceHandle>;
  async open(request: OpenRequest, options: Waiting = {}): Promise<ServiceHandle> {
    if (this.#closed) throw new ManagerError("CLOSED", `Cannot open "${request.plugin}": closed`);
    return openHandle(this.#find(request.plugin), request, options.signal, {
      standing: this.#standing,
      handles: this.#handles,
      workshop: () => this.#open(),
      closing: this.#closing.signal,
      lost: () => {
        this.#lostOutcomes += 1;
      },
    });
  }

  /** The tools a principal may call, by the decision that {@link PluginManager.call} makes. */
  visibleTools(principal: Principal): ToolView {
    return visibleTools(this.#settings, this.#standing.generation, this.#instances, principal);
  }

  /**
   * The prompts and resources a principal may ask for, by the decision that {@link PluginManager.call} makes. What a plugin offers is
   * known once it runs, so those that asked for such rights are started; one that does not answer is left out.
   */
  async visibleOffers(principal: Principal, { signal }: Waiting = {}): Promise<OfferView> {
    const { instances } = await this.#open();
    const { generation } = this.#standing;
    return visibleOffers(principal, signal, {
      settings: this.#settings,
      generation,
      instances,
      closing: this.#leaving.signal,
    });
  }

  /**
   * Says which sets allow a call, which do not, and the smallest change that would allow it. Nothing runs and nothing is recorded: it is
   * for people who may see the policy.
   */
  explain(input: CallRequest): Explanation {
    const { plugin, capability, principal } = subjectOf(input);
    const { user, workspace, workspaceAllow, permissions, mission } = principal;
    return this.#settings.enforcer.explain({
      plugin,
      capability,
      userId: user,
      workspaceId: workspace,
      workspaceAllow,
      userPermissions: permissions,
      ...(mission === undefined ? {} : { mission }),
    });
  }

  /**
   * Runs a plugin once, contained and with nothing granted beyond its manifest, and proposes the smallest manifest that covers what it was
   * refused. It grants nothing and changes nothing of what is published.
   *
   * @throws {@link ManagerError} `CONSENT_REQUIRED` in a manager with real consents: what is learnt from has not been agreed to;
   * `PLUGIN_NOT_FOUND`, `VERIFICATION_FAILED`, `CLOSED`, or why it did not start
   */
  async learn(name: string, scenario: Scenario, options: Waiting = {}): Promise<LearnReport> {
    const { store } = await this.#open();
    if (this.#closed) throw new ManagerError("CLOSED", `Cannot learn from "${name}": closed`);
    const signal = AbortSignal.any([
      this.#leaving.signal,
      ...(options.signal ? [options.signal] : []),
    ]);
    return this.#tracked(learnNamed(name, scenario, this.#settings, store, signal));
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
    const workshop = await this.#open();
    await this.#follow();
    const { report, generation } = await lookAtFolders(this.#standing, workshop, options.signal);
    const eager = startOrder(generation.plugins).filter((name) =>
      this.#settings.eager.includes(name),
    );
    // A plugin that does not start stays listed with its reason and stops nobody.
    await Promise.allSettled(eager.map((name) => this.start(name)));
    return report;
  }

  /** Before the look, so that no change falls between the two. */
  async #follow(): Promise<void> {
    if (!this.#settings.watch) return;
    const acts: WatchActs = {
      isAdmitted: (name) => this.#standing.generation.plugins.has(name),
      reload: (name) => this.reload(name),
      discover: () => this.discover(),
      tell: this.#standing.events.tell,
    };
    this.#watching ??= new WatchMode(this.#settings, acts, this.#leaving.signal);
    await this.#watching.follow();
  }

  async #replace(
    name: string,
    options: Waiting,
    judge: (store: PluginStore, signal: AbortSignal) => Promise<Verdict>,
  ): Promise<ReloadOutcome> {
    if (this.#closed) throw new ManagerError("CLOSED", `Cannot replace "${name}": closed`);
    this.#find(name);
    const sequence = this.#reloads.get(name) ?? createSequence(MOST_CHANGES);
    this.#reloads.set(name, sequence);
    const leaving = this.#leaving.signal;
    const signal = options.signal ? AbortSignal.any([options.signal, leaving]) : leaving;
    const replacing = sequence(async (): Promise<ReloadOutcome> => {
      const workshop = await this.#open();
      const { outcome, retired } = await this.#changes(() =>
        replacePlugin(name, () => judge(workshop.store, signal), this.#standing, workshop, signal),
      );
      if (outcome.kind !== "replaced") return outcome;
      const drained = retired ? await retire(retired, this.#standing, workshop) : outcome.drained;
      const { to: digest, generation } = outcome;
      this.#standing.events.tell("reload.completed", { plugin: name, digest, generation });
      return { ...outcome, drained };
    });
    return this.#tracked(observeReload(name, this.#settings, replacing));
  }

  /** What closing waits for. */
  async #tracked<T>(change: Promise<T>): Promise<T> {
    this.#running.add(change);
    try {
      return await change;
    } finally {
      this.#running.delete(change);
    }
  }

  #instances: Instances | undefined;

  #find(name: string): AdmittedPlugin {
    const plugin = this.#standing.generation.plugins.get(name);
    if (plugin) return plugin;
    const message = `Cannot find plugin "${name.slice(0, 64)}": it is not admitted`;
    throw new ManagerError("PLUGIN_NOT_FOUND", message, { plugin: name });
  }

  #open(): Promise<ClosableWorkshop> {
    const plugins = (): Standing["generation"]["plugins"] => this.#standing.generation.plugins;
    const { tell } = this.#standing.events;
    this.#workshop ??= openWorkshop(this.#settings, tell, plugins).then((workshop) => {
      this.#instances = workshop.instances;
      return workshop;
    });
    return this.#workshop;
  }

  async #close(): Promise<void> {
    this.#leaving.abort(new ManagerError("CLOSED", "Cannot replace a plugin: closed"));
    await Promise.allSettled(this.#running);
    const workshop = await this.#workshop;
    await workshop?.instances.close();
    this.#closing.abort();
    await Promise.all([...this.#handles].map((handle) => handle[Symbol.asyncDispose]()));
    this.#settings.times.close();
    const hosts = new Set(Object.values(this.#settings.hosts));
    await Promise.all([...hosts].map((host) => host.close()));
    await workshop?.remove();
    this.#standing.events.end();
  }
}
