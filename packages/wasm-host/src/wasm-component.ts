import { answerWorld } from "./answer-world.ts";
import type { GuestInstance } from "./guest-instance.ts";
import type {
  DecideImport,
  GuestProgress,
  HostImports,
  ImportContext,
  ImportPrincipal,
} from "./host-imports.ts";
import { type CallLimits, type HostSettings, type LoadLimits, lowerCall } from "./options.ts";
import { bytesOf, readJson } from "./text.ts";
import { readSurface, type ToolDescription } from "./tool-description.ts";
import { WasmError } from "./wasm-error.ts";
import type { Answer, Question } from "./worker/messages.ts";

/** How a component is loaded. */
export interface LoadComponentOptions extends LoadLimits {
  /** Decides on every import call that needs a capability. */
  readonly decide: DecideImport;
  /** What the composition offers. */
  readonly imports: HostImports;
  /** The complete environment, which a guest sees through WASI; empty when absent. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether state lasts between calls (`plugin`, the default) or each call has a fresh guest. */
  readonly instancePer?: "plugin" | "call";
}

/** Limits of one call of a component, and what is said of it. */
export interface ComponentCallOptions extends CallLimits {
  /** Names the call in decisions; the guest sees it. */
  readonly callId?: string;
  /** W3C trace context, passed on as a claim. */
  readonly traceparent?: string;
  /** On whose behalf it runs; handed to whoever decides. */
  readonly principal?: ImportPrincipal;
  /** Hears progress instead of the provider given at load; awaited. */
  readonly onProgress?: (progress: GuestProgress) => Promise<void>;
}

/** A failure that a tool itself reports, in the guest's words. */
export interface ToolFailure {
  /** What kind of failure. */
  readonly code:
    | "unknown-tool"
    | "invalid-arguments"
    | "denied"
    | "unavailable"
    | "cancelled"
    | "failed";
  /** The guest's words. */
  readonly message: string;
  /** Whether it is worth another try. */
  readonly retryable: boolean;
  /** Further facts as JSON text. */
  readonly detailsJson?: string;
}

/** What a call of a tool answers: JSON text, or the tool's own failure. */
export type ComponentResult = {
  /** Fuel used; absent where no fuel limit was set. */
  readonly fuelUsed?: number;
  /** Milliseconds of wall time, waiting included. */
  readonly wallMs: number;
} & (
  | {
      /** The tool finished. */
      readonly kind: "completed";
      /** Its result: JSON, at most 64 deep. */
      readonly json: string;
    }
  | {
      /** The tool failed. */
      readonly kind: "failed";
      /** Why. */
      readonly error: ToolFailure;
    }
);

/** A loaded component. Calls run one after the other; a Worker that failed is replaced and its state is gone. */
export interface WasmComponent extends AsyncDisposable {
  /** The name it was loaded under. */
  readonly name: string;
  /** `sha256:` and the hash of its bytes. */
  readonly digest: string;
  /** Interfaces it imports, versions included. */
  readonly imports: readonly string[];
  /**
   * Asks for its tools.
   *
   * @throws {@link WasmError} as {@link WasmComponent.call}
   */
  describe(options?: CallLimits): Promise<readonly ToolDescription[]>;
  /**
   * Runs a tool with arguments as JSON text. A tool's own failure is a value.
   *
   * @throws {@link WasmError} `CALL_TRAPPED`, `FUEL_EXHAUSTED`, `MEMORY_EXCEEDED`, `TIMEOUT`, `CANCELLED`, `RESULT_INVALID`, `LIMIT`, `WORKER_LOST`, `CLOSED`;
   * TypeError for arguments that are no JSON; RangeError for more than the host allows
   */
  call(
    tool: string,
    argumentsJson: string,
    options?: ComponentCallOptions,
  ): Promise<ComponentResult>;
  /** Ends its Worker. Closing twice is closing once. */
  close(): Promise<void>;
}

/** What a loaded component is made from. */
export interface LoadedComponent {
  readonly name: string;
  readonly digest: string;
  readonly interfaces: readonly string[];
  readonly options: LoadComponentOptions;
  readonly settings: HostSettings;
  readonly instance: GuestInstance;
  readonly close: () => Promise<void>;
}

/** Makes the object that a caller holds. */
export function createComponent(loaded: LoadedComponent): WasmComponent {
  const { name, digest, interfaces, settings, instance, close } = loaded;
  return Object.freeze({
    name,
    digest,
    imports: Object.freeze([...interfaces]),
    async describe(options: CallLimits = {}) {
      const { timeoutMs, fuelLimit } = lowerCall(settings, options);
      const { value } = await instance.run({
        order: { kind: "describe", fuel: fuelLimit },
        timeoutMs,
        signal: options.signal,
        ...hearing(loaded, { callId: "describe" }),
      });
      return readSurface(value);
    },
    async call(tool: string, argumentsJson: string, options: ComponentCallOptions = {}) {
      const { timeoutMs, fuelLimit } = lowerCall(settings, options);
      expectArguments(argumentsJson, settings);
      const { callId = "call", traceparent, signal } = options;
      const begun = settings.now();
      const context = { callId, remainingMs: timeoutMs, traceparent };
      const { value, fuelUsed } = await instance.run({
        order: { kind: "tool", name: tool, argumentsJson, context, fuel: fuelLimit },
        timeoutMs,
        signal,
        ...hearing(loaded, { ...options, callId }),
      });
      const result = readResult(value);
      const used = fuelUsed === undefined ? {} : { fuelUsed };
      return { ...result, ...used, wallMs: settings.now() - begun };
    },
    close,
    [Symbol.asyncDispose]: close,
  });
}

/** What answers and hears a component during one call. */
export function hearing(
  { name: plugin, options, settings }: Pick<LoadedComponent, "name" | "options" | "settings">,
  { callId, principal, onProgress }: ComponentCallOptions & { readonly callId: string },
): {
  answer: (question: Question, signal: AbortSignal) => Promise<Answer>;
  log: (line: { level: string; message: string } | { lines: number }) => void;
} {
  const about = { plugin, callId, ...(principal === undefined ? {} : { principal }) };
  const imports: HostImports =
    onProgress === undefined ? options.imports : { ...options.imports, progress: onProgress };
  const world = {
    decide: options.decide,
    imports,
    maxBytes: settings.limits.host_call_bytes,
  };
  return {
    answer: (question, signal) => {
      const context: ImportContext = { ...about, signal };
      return answerWorld(question, world, context);
    },
    log: (line) => {
      if ("lines" in line) {
        const message = "lines were dropped";
        return options.imports.log?.({ level: "warn", message, dropped: line.lines }, about);
      }
      const { level, message } = line;
      return options.imports.log?.({ level: levels.get(level) ?? "info", message }, about);
    },
  };
}

const levels = new Map([
  ["debug", "debug"],
  ["info", "info"],
  ["warn", "warn"],
  ["error", "error"],
] as const) as ReadonlyMap<string, "debug" | "info" | "warn" | "error">;

function expectArguments(json: string, { limits }: HostSettings): void {
  if (bytesOf(json) > limits.argument_bytes) {
    throw new WasmError(
      "LIMIT",
      "call",
      "Cannot call a tool: the arguments are too large; send less",
      {
        limit: "argument_bytes",
      },
    );
  }
  if (readJson(json) === undefined)
    throw new TypeError("Cannot call a tool: the arguments are no JSON");
}

type Outcome =
  | { readonly kind: "completed"; readonly json: string }
  | { readonly kind: "failed"; readonly error: ToolFailure };

const failures = new Map<unknown, ToolFailure["code"]>(
  (
    ["unknown-tool", "invalid-arguments", "denied", "unavailable", "cancelled", "failed"] as const
  ).map((code) => [code, code]),
);

function readResult(answered: unknown): Outcome {
  const kind = field(answered, "kind");
  if (kind === "completed") {
    const json = field(answered, "json");
    if (typeof json === "string" && readJson(json) !== undefined) return { kind, json };
    throw invalid();
  }
  const error = field(answered, "error");
  const code = failures.get(field(error, "code"));
  const message = field(error, "message");
  const detailsJson = field(error, "detailsJson");
  if (code === undefined || typeof message !== "string") throw invalid();
  const details = typeof detailsJson === "string" ? { detailsJson } : {};
  if (typeof detailsJson === "string" && readJson(detailsJson) === undefined) throw invalid();
  const retryable = field(error, "retryable") === true;
  return { kind: "failed", error: { code, message, retryable, ...details } };
}

const invalid = (): WasmError =>
  new WasmError(
    "RESULT_INVALID",
    "call",
    "Cannot finish a call: the guest answered no JSON, or JSON deeper than 64; mend the guest",
  );

const field = (holder: unknown, name: string): unknown =>
  typeof holder === "object" && holder !== null
    ? Object.getOwnPropertyDescriptor(holder, name)?.value
    : undefined;
