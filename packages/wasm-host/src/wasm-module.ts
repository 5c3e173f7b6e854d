import type { GuestInstance } from "./guest-instance.ts";
import type { CoreExport } from "./guard/core-module.ts";
import type { NumericType, ValueType } from "./guard/value-types.ts";
import type { DecideImport, ImportContext } from "./host-imports.ts";
import { type CallLimits, type HostSettings, type LoadLimits, lowerCall } from "./options.ts";
import type { ModuleSurface } from "./prepare.ts";
import { WasmError } from "./wasm-error.ts";
import type { Answer, Question, WasmNumber } from "./worker/messages.ts";

/** A function of the host that a core module imports. */
export interface ModuleImport {
  /** The capability it needs, written out: `undefined` asks nobody. */
  readonly capability: string | undefined;
  /** Types of its parameters. */
  readonly parameters: readonly NumericType[];
  /** Types of its results. */
  readonly results: readonly NumericType[];
  /** Runs it; awaited while the guest sleeps. */
  call(args: readonly WasmNumber[], context: ImportContext): Promise<readonly WasmNumber[]>;
}

/** Imports by module and field name. */
export type ModuleImports = Readonly<Record<string, Readonly<Record<string, ModuleImport>>>>;

/** How a core module is loaded. */
export interface LoadModuleOptions extends LoadLimits {
  /** What it may import; an import that is not here is `IMPORT_REFUSED`. */
  readonly imports?: ModuleImports;
  /** Decides on imports that name a capability; required when one does. */
  readonly decide?: DecideImport;
}

/** A function that a module exports and the host can call. */
export interface ExportedFunction {
  /** Its name. */
  readonly name: string;
  /** Types of its parameters. */
  readonly parameters: readonly NumericType[];
  /** Types of its results. */
  readonly results: readonly NumericType[];
}

/** What a call of a module answers. */
export interface ModuleResult {
  /** The results, in order. */
  readonly values: readonly WasmNumber[];
  /** Fuel used; absent where no fuel limit was set. */
  readonly fuelUsed?: number;
  /** Milliseconds of wall time, waiting included. */
  readonly wallMs: number;
}

/** A loaded core module. Calls run one after the other; a Worker that failed is replaced and its state is gone. */
export interface WasmModule extends AsyncDisposable {
  /** The name it was loaded under. */
  readonly name: string;
  /** `sha256:` and the hash of its bytes. */
  readonly digest: string;
  /** Functions whose types are numbers alone. */
  readonly exports: readonly ExportedFunction[];
  /**
   * Calls an exported function.
   *
   * @throws {@link WasmError} `EXPORT_MISSING`, `UNSUPPORTED` (`signature`, `fuel`), `CALL_TRAPPED`, `FUEL_EXHAUSTED`, `MEMORY_EXCEEDED`, `TIMEOUT`, `CANCELLED`, `DENIED`,
   * `LIMIT`, `WORKER_LOST`, `CLOSED`; TypeError for arguments of another count or type; RangeError for more than the host allows
   */
  call(
    fn: string,
    args?: readonly WasmNumber[],
    options?: ModuleCallOptions,
  ): Promise<ModuleResult>;
  /** Ends its Worker. Closing twice is closing once. */
  close(): Promise<void>;
}

/** Limits of one call of a module, and what its imports learn of it. */
export interface ModuleCallOptions extends CallLimits {
  /** Names the call for whoever decides on imports. */
  readonly callId?: string;
}

/** An import of a module, checked against what the host offers. */
export interface OfferedImport {
  /** Module name of the import. */
  readonly module: string;
  /** Field name of the import. */
  readonly name: string;
  /** What answers it. */
  readonly offered: ModuleImport;
}

/** Finds each import of a module among those offered. @throws {@link WasmError} `IMPORT_REFUSED`; TypeError without `decide` */
export function offerImports(
  { imports }: ModuleSurface,
  { imports: all = {}, decide }: LoadModuleOptions,
): readonly OfferedImport[] {
  return imports.map(({ module, name, kind, signature }, index) => {
    const fields = Object.hasOwn(all, module) ? all[module] : undefined;
    const offered = fields && Object.hasOwn(fields, name) ? fields[name] : undefined;
    const fits =
      kind === "function" &&
      offered !== undefined &&
      sameTypes(signature?.parameters, offered.parameters) &&
      sameTypes(signature?.results, offered.results);
    if (!fits) {
      throw new WasmError(
        "IMPORT_REFUSED",
        "load",
        `Cannot load a module: import ${index} is a ${kind} that nobody offers with this type; offer it or build without it`,
      );
    }
    if (offered.capability !== undefined && decide === undefined) {
      throw new TypeError(
        "Cannot load a module: an import names a capability, but decide is missing",
      );
    }
    return { module, name, offered };
  });
}

const sameTypes = (found: readonly ValueType[] = [], offered: readonly NumericType[]): boolean =>
  found.length === offered.length && found.every((type, index) => type === offered[index]);

/** What a loaded module is made from. */
export interface LoadedModule {
  readonly name: string;
  readonly digest: string;
  readonly surface: ModuleSurface;
  readonly imports: readonly OfferedImport[];
  readonly decide: DecideImport | undefined;
  readonly settings: HostSettings;
  readonly instance: GuestInstance;
  readonly close: () => Promise<void>;
}

/** Makes the object that a caller holds. */
export function createModule(loaded: LoadedModule): WasmModule {
  const { name, digest, surface, settings, instance, close } = loaded;
  const functions = new Map(
    surface.exports.filter(({ kind }) => kind === "function").map((each) => [each.name, each]),
  );
  const numeric = [...functions.values()].map(numericOnly).filter((each) => each !== undefined);
  return Object.freeze({
    name,
    digest,
    exports: Object.freeze(numeric),
    async call(fn: string, args: readonly WasmNumber[] = [], options: ModuleCallOptions = {}) {
      const found = functions.get(fn);
      if (found === undefined) {
        const message = "Cannot call the guest: it exports no such function; see exports";
        throw new WasmError("EXPORT_MISSING", "call", message);
      }
      expectArguments(found, args);
      const { timeoutMs, fuelLimit } = lowerCall(settings, options);
      const begun = settings.now();
      const callId = options.callId ?? "call";
      const { value, fuelUsed } = await instance.run({
        order: { kind: "call", name: fn, args: [...args], fuel: fuelLimit },
        timeoutMs,
        signal: options.signal,
        answer: (question, signal) =>
          answerImport(question, loaded, { signal, plugin: name, callId }),
      });
      const values: unknown[] = Array.isArray(value) ? value : [];
      return {
        values: values.filter(isNumber),
        ...(fuelUsed === undefined ? {} : { fuelUsed }),
        wallMs: settings.now() - begun,
      };
    },
    close,
    [Symbol.asyncDispose]: close,
  });
}

/** Answers an import of a core module. Where there is no value to answer, the call ends. */
export async function answerImport(
  { import: index, args }: Question,
  { imports, decide }: Pick<LoadedModule, "imports" | "decide">,
  context: ImportContext,
): Promise<Answer> {
  const offered = imports[Number(index)]?.offered;
  if (offered === undefined) throw refused("an import that nobody offers");
  const { capability } = offered;
  if (capability !== undefined && !(await isAllowed(decide, capability, context))) {
    throw new WasmError(
      "DENIED",
      "call",
      "Cannot go on: an import was denied; grant it or do without",
    );
  }
  let values: readonly WasmNumber[];
  try {
    values = await offered.call(args.filter(isNumber), context);
  } catch (cause) {
    throw refused("a provider that failed", cause);
  }
  const { results } = offered;
  const fits =
    values.length === results.length && results.every((type, at) => isOf(type, values[at]));
  if (!fits) throw refused("a provider that answered another type");
  return { kind: "value", value: [...values] };
}

async function isAllowed(
  decide: DecideImport | undefined,
  capability: string,
  { signal, plugin, callId }: ImportContext,
): Promise<boolean> {
  try {
    const decision: unknown = await decide?.({ capability, plugin, callId }, { signal });
    return decision === true;
  } catch {
    // A decision that failed is a denial.
    return false;
  }
}

const refused = (found: string, cause?: unknown): WasmError =>
  new WasmError(
    "CALL_TRAPPED",
    "call",
    `Cannot go on: the guest called ${found}; mend the provider`,
    {
      trap: "other",
      cause,
    },
  );

function expectArguments({ signature }: CoreExport, args: readonly WasmNumber[]): void {
  const parameters = signature?.parameters ?? [];
  const all = [...parameters, ...(signature?.results ?? [])];
  if (all.includes("other")) {
    const message =
      "Cannot call the guest: the function has types that are no numbers; export another";
    throw new WasmError("UNSUPPORTED", "call", message, { feature: "signature" });
  }
  if (args.length !== parameters.length) {
    throw new TypeError(
      `Cannot call the guest with ${args.length} arguments: it takes ${parameters.length}`,
    );
  }
  parameters.forEach((type, index) => {
    if (!isOf(type, args[index])) {
      throw new TypeError(`Cannot call the guest: argument ${index} is no ${type}`);
    }
  });
}

function isOf(type: ValueType, value: unknown): boolean {
  switch (type) {
    case "i32":
      return (
        typeof value === "number" &&
        Number.isInteger(value) &&
        value >= -2_147_483_648 &&
        value <= 4_294_967_295
      );
    case "i64":
      return (
        typeof value === "bigint" &&
        (BigInt.asIntN(64, value) === value || BigInt.asUintN(64, value) === value)
      );
    case "f32":
    case "f64":
      return typeof value === "number";
    case "other":
      return false;
    default:
      return type satisfies never;
  }
}

function numericOnly({ name, signature }: CoreExport): ExportedFunction | undefined {
  const parameters = signature?.parameters.filter((type) => type !== "other") ?? [];
  const results = signature?.results.filter((type) => type !== "other") ?? [];
  const whole =
    parameters.length === signature?.parameters.length &&
    results.length === signature.results.length;
  return whole ? Object.freeze({ name, parameters, results }) : undefined;
}

const isNumber = (value: unknown): value is WasmNumber =>
  typeof value === "number" || typeof value === "bigint";
