import { createHash } from "node:crypto";
import { CompiledCache } from "./compiled-cache.ts";
import { compileComponent, compileModule } from "./compile.ts";
import { Compiler, type Turn } from "./compiler.ts";
import { closed, GuestInstance, holdGuest } from "./guest-instance.ts";
import { sniff } from "./guard/sniff.ts";
import {
  type HostSettings,
  lower,
  lowerLimits,
  readOptions,
  type WasmHostOptions,
} from "./options.ts";
import type { WasmLimits } from "./limits.ts";
import { PAGE_BYTES } from "./meter/rewrite-module.ts";
import {
  createComponent,
  hearing,
  type LoadComponentOptions,
  type WasmComponent,
} from "./wasm-component.ts";
import { WasmError } from "./wasm-error.ts";
import {
  answerImport,
  createModule,
  type LoadModuleOptions,
  offerImports,
  type WasmModule,
} from "./wasm-module.ts";
import { WorkerPool } from "./worker-pool.ts";
import type { CounterBounds, Order } from "./worker/messages.ts";

/** How far a guest is kept from the machine by the operating system. */
export interface Containment {
  /** What stands between guest and host. */
  readonly isolation: "worker";
  /** Whether the system keeps files away, beside WebAssembly. */
  readonly files: boolean;
  /** Whether the system keeps the network away, beside WebAssembly. */
  readonly network: boolean;
}

/** Counts of a host. */
export interface WasmHostStats {
  /** Workers by state: without a guest, waiting with one, working, being ended. */
  readonly workers: {
    /** Without a guest. */
    readonly blank: number;
    /** With a guest that waits. */
    readonly idle: number;
    /** With a guest that works. */
    readonly busy: number;
    /** Being ended. */
    readonly ending: number;
  };
  /** Loads that found their code compiled. */
  readonly cacheHits: number;
  /** Workers that were ended by force during a call or a start. */
  readonly kills: number;
  /** Workers that took the place of another. */
  readonly replacements: number;
}

/** Runs guests in Workers. */
export interface WasmHost extends AsyncDisposable {
  /** Fuel per call, as given. */
  readonly fuelLimit: number | undefined;
  /** What contains guests. */
  readonly containment: Containment;
  /**
   * Compiles and instantiates a core module.
   *
   * @throws {@link WasmError} `COMPILE_FAILED`, `UNSUPPORTED`, `NAME_REJECTED`, `IMPORT_REFUSED`, `LIMIT`, `START_FAILED`,
   * `FUEL_EXHAUSTED`, `MEMORY_EXCEEDED`, `TIMEOUT`, `CANCELLED`, `CAPACITY`, `CLOSED`; RangeError for more than the host allows
   */
  loadModule(name: string, bytes: Uint8Array, options?: LoadModuleOptions): Promise<WasmModule>;
  /**
   * Translates and instantiates a component of the world `sigil:plugin`.
   *
   * @throws {@link WasmError} as {@link WasmHost.loadModule}, `EXPORT_MISSING`; `UNSUPPORTED` without the peer or below Node 24
   */
  loadComponent(
    name: string,
    bytes: Uint8Array,
    options: LoadComponentOptions,
  ): Promise<WasmComponent>;
  /** Counts, as of now. */
  stats(): WasmHostStats;
  /** Ends all it loaded, newest first, and every Worker. Closing twice is closing once; later calls are `CLOSED`. */
  close(): Promise<void>;
}

/** Whether this Node runs what the translator makes. */
export const runsComponents = (): boolean => Number(process.versions.node.split(".")[0]) >= 24;

/** Creates a host. No Worker is started before the first guest. @throws {@link WasmError} `UNSUPPORTED`; TypeError, RangeError */
export function createWasmHost(options: WasmHostOptions): WasmHost {
  return new WorkerHost(readOptions(options));
}

const hosts = new WeakMap<WasmHost, HostSettings>();

/** The settings of a host of this package. @throws TypeError for another object */
export function settingsOf(host: WasmHost): HostSettings {
  const settings = hosts.get(host);
  if (settings === undefined)
    throw new TypeError("Cannot adapt it: createWasmHost did not make it");
  return settings;
}

class WorkerHost implements WasmHost {
  readonly fuelLimit: number | undefined;
  readonly containment: Containment = Object.freeze({
    isolation: "worker",
    files: false,
    network: false,
  });
  readonly #settings: HostSettings;
  readonly #pool: WorkerPool;
  // Two, so that a component that keeps its translator busy holds up no module.
  readonly #modules = new Compiler();
  readonly #components = new Compiler();
  readonly #cache = new CompiledCache();
  readonly #loaded: GuestInstance[] = [];
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;
  #kills = 0;
  #replacements = 0;

  constructor(settings: HostSettings) {
    this.#settings = settings;
    this.fuelLimit = settings.fuelLimit;
    this.#pool = new WorkerPool(settings);
    hosts.set(this, settings);
  }

  async loadModule(
    name: string,
    bytes: Uint8Array,
    options: LoadModuleOptions = {},
  ): Promise<WasmModule> {
    const { timeoutMs, fuelLimit } = this.#admit(options);
    const limits = lowerLimits(this.#settings.limits, options.limits ?? {});
    if (sniff(bytes, limits) !== "module") throw wrongKind("a component", "loadComponent");
    const settings = { ...this.#settings, limits, fuelLimit };
    const own = bytes.slice();
    const metering = { fuel: fuelLimit !== undefined, limits };
    const { core, surface } = await this.#cache.get("module", own, metering, () =>
      this.#hurry(options, (turn) => compileModule(own, metering, this.#modules, turn)),
    );
    const imports = offerImports(surface, options);
    const order: Order = {
      kind: "start-module",
      core,
      imports: imports.map(({ module: from, name: field }) => ({ module: from, name: field })),
      bounds: counterBounds(limits),
      fuel: fuelLimit,
    };
    const { decide } = options;
    const instance = this.#instance(order, 1, "plugin");
    await this.#start(instance, options, timeoutMs, (question, signal) =>
      answerImport(question, { imports, decide }, { signal, plugin: name, callId: "start" }),
    );
    const close = (): Promise<void> => this.#unload(instance);
    const digest = digestOf(own);
    return holdGuest(
      createModule({ name, digest, surface, imports, decide, settings, instance, close }),
      instance,
    );
  }

  async loadComponent(
    name: string,
    bytes: Uint8Array,
    options: LoadComponentOptions,
  ): Promise<WasmComponent> {
    // Older engines lack what translated components rely on; not a byte is read there.
    if (!runsComponents()) throw unsupportedComponent();
    const { timeoutMs, fuelLimit } = this.#admit(options);
    const limits = lowerLimits(this.#settings.limits, options.limits ?? {});
    if (sniff(bytes, limits) !== "component") throw wrongKind("a core module", "loadModule");
    const settings = { ...this.#settings, limits, fuelLimit };
    const own = bytes.slice();
    const metering = { fuel: fuelLimit !== undefined, limits };
    const compiled = await this.#cache.get("component", own, metering, () =>
      this.#hurry(options, (turn) => compileComponent(own, metering, this.#components, turn)),
    );
    const digest = digestOf(own);
    const order: Order = {
      kind: "start-component",
      glue: compiled.glue,
      tool: compiled.tool,
      modules: compiled.modules,
      bounds: { ...limits, ...counterBounds(limits) },
      surroundings: { environment: { ...options.environment }, digest },
      fuel: fuelLimit,
    };
    const instance = this.#instance(order, compiled.modules.size, options.instancePer ?? "plugin");
    const { answer, log } = hearing({ name, options, settings }, { callId: "start" });
    await this.#start(instance, options, timeoutMs, answer, log);
    const close = (): Promise<void> => this.#unload(instance);
    const { interfaces } = compiled;
    return holdGuest(
      createComponent({
        name,
        digest,
        interfaces,
        options,
        settings,
        instance,
        close,
      }),
      instance,
    );
  }

  stats(): WasmHostStats {
    const busy = this.#loaded.filter((instance) => instance.busy).length;
    const { blank, bound, ending } = this.#pool;
    return {
      workers: { blank, idle: Math.max(0, bound - busy), busy: Math.min(busy, bound), ending },
      cacheHits: this.#cache.hits,
      kills: this.#kills,
      replacements: this.#replacements,
    };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#closing.abort(closed("load"));
    for (const instance of this.#loaded.toReversed()) {
      // oxlint-disable-next-line no-await-in-loop -- newest first is the promise
      await this.#unload(instance);
    }
    await Promise.all([this.#modules.close(), this.#components.close()]);
    await this.#pool.close();
  }

  #admit(options: { signal?: AbortSignal; timeoutMs?: number; fuelLimit?: number }): {
    timeoutMs: number;
    fuelLimit: number | undefined;
  } {
    if (this.#closed !== undefined) throw closed("load");
    const lowered = lower(this.#settings, options);
    if (options.signal?.aborted === true) throw cancelled();
    return lowered;
  }

  /** Runs work that ends at the compile timeout, counted from its turn, at the caller's signal and when the host is closed. */
  async #hurry<T>(
    { signal }: { readonly signal?: AbortSignal },
    work: (turn: Turn) => Promise<T>,
  ): Promise<T> {
    const hurry = new AbortController();
    const late = new WasmError(
      "TIMEOUT",
      "load",
      "Cannot compile in time: the deadline passed; build the guest smaller or raise compile_timeout_ms",
    );
    let timer: NodeJS.Timeout | undefined;
    const begin = (): void => {
      timer = setTimeout(() => hurry.abort(late), this.#settings.limits.compile_timeout_ms);
    };
    const cancel = (): void => hurry.abort(cancelled());
    const close = (): void => hurry.abort(closed("load"));
    signal?.addEventListener("abort", cancel);
    this.#closing.signal.addEventListener("abort", close);
    try {
      return await Promise.race([work({ signal: hurry.signal, begin }), rejection(hurry.signal)]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
      this.#closing.signal.removeEventListener("abort", close);
    }
  }

  #instance(start: Order, instances: number, per: "plugin" | "call"): GuestInstance {
    if (this.#closed !== undefined) throw closed("load");
    const { limits, idleMs, now } = this.#settings;
    const instance = new GuestInstance({
      pool: this.#pool,
      start,
      instances,
      limits,
      idleMs,
      fresh: per === "call",
      now,
      count: (event) => {
        if (event === "kill") this.#kills += 1;
        else this.#replacements += 1;
      },
    });
    this.#loaded.push(instance);
    return instance;
  }

  async #start(
    instance: GuestInstance,
    { signal }: { readonly signal?: AbortSignal },
    timeoutMs: number,
    answer: Parameters<GuestInstance["run"]>[0]["answer"],
    log?: NonNullable<Parameters<GuestInstance["run"]>[0]["log"]>,
  ): Promise<void> {
    try {
      await instance.run({ timeoutMs, signal, answer, ...(log === undefined ? {} : { log }) });
    } catch (error) {
      await this.#unload(instance);
      throw error;
    }
  }

  async #unload(instance: GuestInstance): Promise<void> {
    await instance.close();
    const at = this.#loaded.indexOf(instance);
    if (at >= 0) this.#loaded.splice(at, 1);
  }
}

/** A core module alone is one instance; its limit is of the host, not of a component. */
const counterBounds = (limits: WasmLimits): CounterBounds => ({
  pages: Math.floor(limits.memory_bytes / PAGE_BYTES),
  elements: limits.table_elements,
  core_instances: limits.core_instances,
});

const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

const cancelled = (): WasmError =>
  new WasmError("CANCELLED", "load", "Cannot load: the caller's signal was aborted; load again");

const wrongKind = (found: string, method: string): WasmError =>
  new WasmError("COMPILE_FAILED", "load", `Cannot load: the bytes are ${found}; use ${method}`);

const unsupportedComponent = (): WasmError =>
  new WasmError(
    "UNSUPPORTED",
    "load",
    "Cannot load a component: this Node is older than 24; use Node 24 or a core module",
    { feature: "component" },
  );

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason));
  });
}
