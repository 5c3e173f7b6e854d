import {
  Client,
  type JsonSchemaValidator,
  type jsonSchemaValidator,
  ProtocolError,
} from "@modelcontextprotocol/client";
import {
  type CallChunk,
  type ExitCause,
  type ExitReport,
  type Health,
  type HostAnswer,
  type HostAsk,
  type HostCall,
  type HostCallOptions,
  LifecycleError,
  type Offers,
  type OpenOptions,
  type RunningPlugin,
  type ServiceHandle,
  type StartSpec,
  type ToolSurface,
  type Waiting,
  type WaitingClock,
} from "@sigilrt/lifecycle";
import { CallStop } from "./call-stop.ts";
import { chunksOf, offeredTool, sizeOf } from "./content.ts";
import { type LineLimits, LineTransport } from "./line-transport.ts";
import { LogNotes } from "./log-notes.ts";
import { askServer, OfferedByServer } from "./offers.ts";
import { ProgressNotes } from "./progress-notes.ts";
import type { McpProcess, McpRunner } from "./runner.ts";
import { createTail, type Tail } from "./tail.ts";

interface StartOptions {
  readonly runner: McpRunner;
  readonly limits: LineLimits;
  readonly clock: WaitingClock;
  readonly closing: AbortSignal;
  readonly signal: AbortSignal | undefined;
}

// Results are checked by whoever approved their schema; a schema of a hostile server is not run here.
const anything: jsonSchemaValidator = {
  getValidator:
    <T>(): JsonSchemaValidator<T> =>
    (input) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing is claimed of it beyond being JSON
      return { valid: true, data: input as T, errorMessage: undefined };
    },
};

const LONGEST_MS = 2_147_483_647;
const TAIL_BYTES = 8_192;
const HEALTH_MS = 5_000;
/** How long a lost connection waits for the news that the program has ended. */
const EXIT_NEWS_MS = 250;
const DEFAULT_GRACE_MS = 2_000;

/** Starts one server and shakes hands with it. When it fails, nothing of it is left. @throws {@link LifecycleError} */
export async function startServer(
  id: string,
  spec: StartSpec,
  options: StartOptions,
): Promise<RunningServer> {
  const { runner, clock, closing, signal } = options;
  const over = new AbortController();
  const stop = AbortSignal.any([closing, over.signal, ...(signal ? [signal] : [])]);
  const refuseWhenStopped = (): void => {
    if (closing.aborted)
      throw new LifecycleError("CLOSED", `Cannot start "${id}": the host is closed`);
    if (signal?.aborted === true) {
      throw new LifecycleError("CANCELLED", `Cannot start "${id}": cancelled`, {
        cause: signal.reason,
      });
    }
  };
  refuseWhenStopped();
  if (spec.adapter !== "mcp-stdio" || !("command" in spec.entry)) {
    throw new LifecycleError(
      "START_FAILED",
      `Cannot start "${id}": adapter mcp-stdio needs a command`,
    );
  }
  const { command } = spec.entry;
  const { identity, root, environment, grants, limits, onRefusal } = spec;
  const program = { id, identity, command, root, environment, grants, limits };
  const spawned = await runner
    .spawn(onRefusal === undefined ? program : { ...program, onRefusal }, stop)
    .catch((cause: unknown) => {
      refuseWhenStopped();
      const detail = cause instanceof Error ? cause.message : "unknown failure";
      throw new LifecycleError("START_FAILED", `Cannot start "${id}": ${detail}`, {
        cause,
        phase: "spawn",
      });
    });
  const server = new RunningServer(id, spec, spawned, options);
  const finished = new AbortController();
  clock.sleep(limits.startMs, finished.signal).then(
    () => over.abort(),
    () => undefined,
  );
  try {
    await server.connect(stop);
    return server;
  } catch (cause) {
    const exit = await server.abandon();
    refuseWhenStopped();
    const code = over.signal.aborted
      ? "HANDSHAKE_TIMEOUT"
      : server.fault
        ? "PROTOCOL"
        : "START_FAILED";
    const state = over.signal.aborted
      ? `no answer within ${limits.startMs} ms`
      : describe(cause, exit);
    const message = `Cannot start "${id}": ${state}`;
    throw new LifecycleError(code, message, {
      cause: server.fault ?? cause,
      phase: "initialize",
      exit,
    });
  } finally {
    finished.abort();
  }
}

/** One MCP server that runs. */
export class RunningServer implements RunningPlugin {
  readonly exited: Promise<ExitReport>;
  readonly #id: string;
  readonly #spec: StartSpec;
  readonly #process: McpProcess;
  readonly #clock: WaitingClock;
  readonly #transport: LineTransport;
  readonly #client: Client;
  readonly #offers: OfferedByServer;
  readonly #logs: LogNotes;
  readonly #tail: Tail;
  readonly #startedAt: number;
  #offered: ReadonlySet<string> = new Set();
  #calls = 0;
  #cause: ExitCause | undefined;
  #closing: Promise<ExitReport> | undefined;

  constructor(id: string, spec: StartSpec, process: McpProcess, { limits, clock }: StartOptions) {
    this.#id = id;
    this.#spec = spec;
    this.#process = process;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#tail = createTail(process.stderr, TAIL_BYTES);
    this.#transport = new LineTransport(process.stdin, process.stdout, limits);
    this.#client = new Client(
      { name: "sigil", version: "0.1.0" },
      { jsonSchemaValidator: anything },
    );
    this.#offers = new OfferedByServer(this.#client);
    this.#logs = new LogNotes(this.#client);
    const { onSurfaceChanged } = spec;
    if (onSurfaceChanged) {
      this.#client.setNotificationHandler("notifications/tools/list_changed", onSurfaceChanged);
    }
    this.exited = process.exited.then((end) => this.#report(end));
    void this.exited.then(() => this.#transport.close());
  }

  /** What the server did against the protocol, when that ended the connection. */
  get fault(): LineTransport["fault"] {
    return this.#transport.fault;
  }

  async connect(signal: AbortSignal): Promise<void> {
    await this.#client.connect(this.#transport, { signal, timeout: LONGEST_MS });
    const { tools } = await this.#list(signal);
    this.#offered = new Set(tools.map(({ name }) => name));
  }

  /** Ends a server that did not come up. */
  async abandon(): Promise<ExitReport> {
    this.#cause ??= "killed";
    await this.#process.kill("SIGKILL");
    return this.exited;
  }

  async describe({ signal }: Waiting = {}): Promise<ToolSurface> {
    this.#refuseWhenClosed();
    try {
      const surface = await this.#list(signal);
      this.#offered = new Set(surface.tools.map(({ name }) => name));
      return surface;
    } catch (cause) {
      throw await this.#translate(cause, signal?.aborted === true ? "caller" : undefined);
    }
  }

  async *call(request: HostCall, options: HostCallOptions): AsyncIterable<CallChunk> {
    this.#refuseWhenClosed();
    if (!this.#offered.has(request.tool)) {
      throw new LifecycleError(
        "TOOL_UNKNOWN",
        `Cannot call "${request.tool}": the server does not offer it`,
      );
    }
    const stop = new CallStop(options, this.#clock);
    const notes = new ProgressNotes(this.#transport);
    this.#calls += 1;
    const leave = this.#logs.enter(options.onLog);
    try {
      const answer = this.#ask(request, stop.signal, notes);
      yield* notes.read(answer, stop.signal, options.onProgress);
      const chunks = chunksOf(await answer);
      if (sizeOf(chunks) > this.#spec.limits.maxResultBytes) {
        const message = `Cannot pass on a result: over ${this.#spec.limits.maxResultBytes} bytes`;
        throw new LifecycleError("RESULT_TOO_LARGE", message);
      }
      yield* chunks;
    } catch (cause) {
      throw await this.#translate(cause, stop.by);
    } finally {
      stop.leave();
      leave();
      this.#calls -= 1;
    }
  }

  async offers({ signal }: Waiting = {}): Promise<Offers> {
    this.#refuseWhenClosed();
    try {
      return await this.#offers.list({ timeout: LONGEST_MS, ...(signal ? { signal } : {}) });
    } catch (cause) {
      throw await this.#translate(cause, signal?.aborted === true ? "caller" : undefined);
    }
  }

  async ask(request: HostAsk, options: HostCallOptions): Promise<HostAnswer> {
    this.#refuseWhenClosed();
    const stop = new CallStop(options, this.#clock);
    this.#calls += 1;
    const leave = this.#logs.enter(undefined);
    try {
      const waiting = { signal: stop.signal, timeout: LONGEST_MS };
      const answer = await askServer(this.#client, request, waiting);
      const { maxResultBytes } = this.#spec.limits;
      if (Buffer.byteLength(JSON.stringify(answer.value)) <= maxResultBytes) return answer;
      const message = `Cannot pass on an answer: over ${maxResultBytes} bytes`;
      throw new LifecycleError("RESULT_TOO_LARGE", message);
    } catch (cause) {
      if (cause instanceof ProtocolError && stop.by === undefined) {
        return { isError: true, value: null };
      }
      throw await this.#translate(cause, stop.by);
    } finally {
      stop.leave();
      leave();
      this.#calls -= 1;
    }
  }

  open(kind: "channel" | "provider", _options: OpenOptions): Promise<ServiceHandle> {
    const message = `Cannot open ${kind} of "${this.#id}": an MCP server offers tools`;
    return Promise.reject(new LifecycleError("TYPE_UNSUPPORTED", message));
  }

  async health({ signal }: Waiting = {}): Promise<Health> {
    this.#refuseWhenClosed();
    const limit = AbortSignal.timeout(HEALTH_MS);
    try {
      await this.#client.ping({ signal: signal ? AbortSignal.any([signal, limit]) : limit });
      return { status: "healthy", message: "" };
    } catch (cause) {
      if (limit.aborted)
        return { status: "unhealthy", message: `no answer within ${HEALTH_MS} ms` };
      throw await this.#translate(cause, signal?.aborted === true ? "caller" : undefined);
    }
  }

  close({ graceMs = DEFAULT_GRACE_MS }: { readonly graceMs?: number } = {}): Promise<ExitReport> {
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** End of input, then SIGTERM, then SIGKILL, each with its share of the grace. */
  async #close(graceMs: number): Promise<ExitReport> {
    this.#cause ??= "requested";
    this.#process.stdin.end();
    if (!(await this.#endsWithin(graceMs / 2))) {
      await this.#process.kill("SIGTERM");
      if (!(await this.#endsWithin(graceMs / 2))) this.#cause = "killed";
    }
    // Also after an end in time: what the server started may still run.
    await this.#process.kill("SIGKILL");
    return this.exited;
  }

  async #endsWithin(ms: number): Promise<boolean> {
    const over = new AbortController();
    const late = this.#clock.sleep(ms, over.signal).then(
      () => false,
      () => false,
    );
    const ended = await Promise.race([this.exited.then(() => true), late]);
    over.abort();
    return ended;
  }

  async #list(signal: AbortSignal | undefined): Promise<ToolSurface> {
    const { tools } = await this.#client.listTools(
      {},
      { timeout: LONGEST_MS, ...(signal ? { signal } : {}) },
    );
    return Object.freeze({ tools: Object.freeze(tools.map((tool) => offeredTool(tool))) });
  }

  #ask(
    { tool, arguments: args, traceparent }: HostCall,
    signal: AbortSignal,
    notes: ProgressNotes,
  ): ReturnType<Client["callTool"]> {
    const meta = traceparent === undefined ? {} : { _meta: { traceparent } };
    return this.#client.callTool(
      { name: tool, arguments: { ...args }, ...meta },
      { signal, timeout: LONGEST_MS, onprogress: (note) => notes.take(note) },
    );
  }

  #refuseWhenClosed(): void {
    if (this.#closing) {
      throw new LifecycleError("CLOSED", `Cannot go on with "${this.#id}": it was closed`);
    }
  }

  #report(end: Awaited<McpProcess["exited"]>): ExitReport {
    return Object.freeze({
      cause: this.#cause ?? "crashed",
      ...end,
      uptimeMs: this.#clock.now() - this.#startedAt,
      callsInFlight: this.#calls,
      stderrTail: this.#tail.text(),
    });
  }

  async #translate(cause: unknown, by: CallStop["by"]): Promise<LifecycleError> {
    if (cause instanceof LifecycleError) return cause;
    const name = `"${this.#id}"`;
    if (by === "caller")
      return new LifecycleError("CANCELLED", `Call of ${name} was cancelled`, { cause });
    if (by === "deadline")
      return new LifecycleError("DEADLINE", `Call of ${name} met its deadline`, { cause });
    if (this.fault) {
      await this.abandon();
      return new LifecycleError("PROTOCOL", `Cannot go on with ${name}: ${this.fault.message}`, {
        cause: this.fault,
      });
    }
    if (await this.#endsWithin(EXIT_NEWS_MS)) {
      const exit = await this.exited;
      const code = this.#closing ? "CLOSED" : "CRASHED";
      return new LifecycleError(code, `Cannot go on with ${name}: it has ended`, { cause, exit });
    }
    const detail =
      cause instanceof ProtocolError ? `error ${cause.code}` : "an answer that is no result";
    return new LifecycleError("PROTOCOL", `Cannot use the answer of ${name}: ${detail}`, { cause });
  }
}

function describe(cause: unknown, { code, signal, stderrTail }: ExitReport): string {
  const detail = cause instanceof Error ? cause.message : "unknown failure";
  const end = signal ?? (code === undefined ? "" : `exit code ${code}`);
  const tail = stderrTail.trim().split("\n").at(-1) ?? "";
  return [
    detail,
    end && `it ended with ${end}`,
    tail && `its last words: ${JSON.stringify(tail.slice(0, 200))}`,
  ]
    .filter(Boolean)
    .join("; ");
}
