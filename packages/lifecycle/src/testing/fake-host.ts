import type { WaitingClock } from "../clock.ts";
import type { ExitCause, ExitReport } from "../exit-report.ts";
import { LifecycleError } from "../lifecycle-error.ts";
import type {
  CallChunk,
  Health,
  HostCall,
  PluginHost,
  RunningPlugin,
  StartSpec,
  ToolSurface,
  Waiting,
} from "../plugin-host.ts";
import type { HostAnswer, HostAsk, Offers } from "../offers.ts";
import type { ServiceHandle } from "../services.ts";
import { runFakeCall } from "./fake-call.ts";
import { realClock } from "./real-clock.ts";

/** What a tool of a fake plugin can do beside answering. */
export interface FakeCallContext {
  /** Aborts when the caller cancels, the deadline passes, or the plugin ends. */
  readonly signal: AbortSignal;
  /** Ends the plugin as a crash; every call in flight fails. */
  readonly crash: () => void;
}

/** One tool of a fake plugin. */
export type FakeTool = (call: HostCall, context: FakeCallContext) => AsyncIterable<CallChunk>;

/** How a fake plugin behaves. */
export interface FakePlugin {
  /** Its tools by name. */
  readonly tools: Readonly<Record<string, FakeTool>>;
  /** What `describe` answers; by default one plain tool for each of `tools`. */
  readonly surface?: ToolSurface;
  /** Runs during start: throw to fail it, never settle to be silent. */
  start?(signal: AbortSignal): Promise<void>;
  /** What it offers beside tools; nothing by default. */
  offers?(): Offers;
  /** What it answers when it is asked for that. */
  ask?(request: HostAsk): HostAnswer;
  /** What `health` answers; healthy by default. */
  health?(): Health;
  /** The services it serves; a missing one is `TYPE_UNSUPPORTED`. */
  readonly services?: { readonly [kind in ServiceHandle["kind"]]?: () => ServiceHandle };
}

/** How {@link createFakeHost} is set up. */
export interface FakeHostOptions {
  /** The adapters it claims; `["fake"]`. */
  readonly adapters?: readonly string[];
  /** Makes the plugin that a spec starts; by default one whose tool `echo` answers its arguments. */
  readonly plugin?: (id: string, spec: StartSpec) => FakePlugin;
  /** Measures deadlines and start limits; the real time by default. */
  readonly clock?: WaitingClock;
}

/** A `PluginHost` in memory whose plugins are functions, for tests of what stands above hosts. */
export interface FakeHost extends PluginHost {
  /** Every start that was asked for, in order, with the spec it got. */
  readonly starts: readonly { readonly id: string; readonly spec: StartSpec }[];
  /** The ids of the plugins that run now, oldest first. */
  readonly running: readonly string[];
  /** Ends every running plugin with this id as a crash. */
  crash(id: string): void;
}

/** Makes a {@link FakeHost}. */
export function createFakeHost(options: FakeHostOptions = {}): FakeHost {
  const { adapters = ["fake"], plugin: make = echoPlugin, clock = realClock } = options;
  const starts: { id: string; spec: StartSpec }[] = [];
  const live: FakeInstance[] = [];
  const closing = new AbortController();

  const start = async (
    id: string,
    spec: StartSpec,
    { signal }: Waiting = {},
  ): Promise<RunningPlugin> => {
    refuseWhenOver(id, closing.signal, signal);
    if (!adapters.includes(spec.adapter)) {
      throw new LifecycleError(
        "START_FAILED",
        `Cannot start "${id}": no adapter "${spec.adapter}" here`,
      );
    }
    starts.push({ id, spec });
    const behaviour = make(id, spec);
    await awaitStart(id, spec, behaviour, clock, closing.signal, signal);
    const instance = new FakeInstance(id, spec, behaviour, clock);
    live.push(instance);
    void instance.exited.then(() => live.splice(live.indexOf(instance), 1));
    return instance;
  };

  const close = async (): Promise<void> => {
    closing.abort();
    for (const instance of live.toReversed()) {
      // oxlint-disable-next-line no-await-in-loop -- newest first, one after the other
      await instance.close();
    }
  };

  return {
    adapters,
    starts,
    get running() {
      return live.map(({ id }) => id);
    },
    start,
    crash(id) {
      for (const instance of live.filter((candidate) => candidate.id === id)) {
        instance.end("crashed");
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

class FakeInstance implements RunningPlugin {
  readonly id: string;
  readonly exited: Promise<ExitReport>;
  readonly #spec: StartSpec;
  readonly #behaviour: FakePlugin;
  readonly #clock: WaitingClock;
  readonly #startedAt: number;
  readonly #ended = new AbortController();
  readonly #settle: (report: ExitReport) => void;
  #calls = 0;

  constructor(id: string, spec: StartSpec, behaviour: FakePlugin, clock: WaitingClock) {
    const { promise, resolve } = Promise.withResolvers<ExitReport>();
    this.id = id;
    this.exited = promise;
    this.#settle = resolve;
    this.#spec = spec;
    this.#behaviour = behaviour;
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  describe(): Promise<ToolSurface> {
    return this.#answer(() => this.#behaviour.surface ?? plainSurface(this.#behaviour));
  }

  async *call(
    request: HostCall,
    options: Parameters<RunningPlugin["call"]>[1],
  ): AsyncIterable<CallChunk> {
    this.#refuseAfterEnd();
    const tool = Object.hasOwn(this.#behaviour.tools, request.tool)
      ? this.#behaviour.tools[request.tool]
      : undefined;
    if (!tool) {
      throw new LifecycleError("TOOL_UNKNOWN", `Cannot call "${request.tool}": not offered`);
    }
    this.#calls += 1;
    try {
      yield* runFakeCall({
        source: (signal) => tool(request, { signal, crash: () => this.end("crashed") }),
        options,
        ended: this.#ended.signal,
        maxResultBytes: this.#spec.limits.maxResultBytes,
        clock: this.#clock,
      });
    } finally {
      this.#calls -= 1;
    }
  }

  open(kind: ServiceHandle["kind"]): Promise<ServiceHandle> {
    return this.#answer(() => {
      const serve = this.#behaviour.services?.[kind];
      if (!serve) {
        throw new LifecycleError("TYPE_UNSUPPORTED", `Cannot open ${kind} of "${this.id}"`);
      }
      return serve();
    });
  }

  offers(): Promise<Offers> {
    return this.#answer(
      () => this.#behaviour.offers?.() ?? { prompts: [], resources: [], templates: [] },
    );
  }

  ask(request: HostAsk): Promise<HostAnswer> {
    return this.#answer(() => this.#behaviour.ask?.(request) ?? { isError: true, value: null });
  }

  health(): Promise<Health> {
    return this.#answer(() => this.#behaviour.health?.() ?? { status: "healthy", message: "" });
  }

  close(): Promise<ExitReport> {
    this.end("requested");
    return this.exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close().then(() => undefined);
  }

  /** Ends the plugin once; the first cause stands. */
  end(cause: ExitCause): void {
    if (this.#ended.signal.aborted) return;
    const report: ExitReport = Object.freeze({
      cause,
      uptimeMs: this.#clock.now() - this.#startedAt,
      callsInFlight: this.#calls,
      stderrTail: "",
    });
    this.#ended.abort(
      new LifecycleError(
        cause === "requested" ? "CLOSED" : "CRASHED",
        `Cannot go on with "${this.id}": it ${cause === "requested" ? "was closed" : "crashed"}`,
        { exit: report },
      ),
    );
    this.#settle(report);
  }

  #refuseAfterEnd(): void {
    this.#ended.signal.throwIfAborted();
  }

  async #answer<T>(make: () => T): Promise<T> {
    await Promise.resolve();
    this.#refuseAfterEnd();
    return make();
  }
}

function refuseWhenOver(id: string, closing: AbortSignal, signal: AbortSignal | undefined): void {
  if (closing.aborted) throw new LifecycleError("CLOSED", `Cannot start "${id}": host is closed`);
  if (signal?.aborted === true) {
    throw new LifecycleError("CANCELLED", `Cannot start "${id}": cancelled`, {
      cause: signal.reason,
    });
  }
}

async function awaitStart(
  id: string,
  spec: StartSpec,
  behaviour: FakePlugin,
  clock: WaitingClock,
  closing: AbortSignal,
  signal: AbortSignal | undefined,
): Promise<void> {
  const over = new AbortController();
  const stop = AbortSignal.any([closing, over.signal, ...(signal ? [signal] : [])]);
  const stopped = new Promise<never>((_, reject) => {
    stop.addEventListener("abort", () => reject(stop.reason), { once: true });
  });
  const late = clock.sleep(spec.limits.startMs, over.signal).then(() => {
    throw new LifecycleError("HANDSHAKE_TIMEOUT", `Cannot start "${id}": silent`);
  });
  late.catch(() => undefined);
  stopped.catch(() => undefined);
  try {
    await Promise.race([behaviour.start?.(stop) ?? Promise.resolve(), late, stopped]);
  } catch (cause) {
    refuseWhenOver(id, closing, signal);
    if (cause instanceof LifecycleError) throw cause;
    throw new LifecycleError("START_FAILED", `Cannot start "${id}": it failed`, { cause });
  } finally {
    over.abort();
  }
}

function echoPlugin(): FakePlugin {
  return {
    tools: {
      async *echo(call) {
        yield await Promise.resolve({
          kind: "result",
          isError: false,
          structured: call.arguments,
        } as const);
      },
    },
  };
}

function plainSurface({ tools }: FakePlugin): ToolSurface {
  return {
    tools: Object.keys(tools).map((name) => ({
      name,
      description: name,
      inputSchema: { type: "object" },
    })),
  };
}
