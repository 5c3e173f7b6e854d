const MiB = 1_048_576;

/** Default and ceiling of each limit. */
const table = {
  module_bytes: [32 * MiB, 256 * MiB],
  functions: [100_000, 1_000_000],
  imports: [1_000, 100_000],
  exports: [10_000, 100_000],
  types: [20_000, 1_000_000],
  globals: [10_000, 1_000_000],
  segments: [50_000, 100_000],
  custom_sections: [256, 10_000],
  body_bytes: [MiB, 7 * MiB],
  locals: [4_096, 50_000],
  nesting: [2_048, 10_000],
  br_table_targets: [4_096, 65_520],
  memory_bytes: [256 * MiB, 4_096 * MiB],
  memories: [1, 1],
  tables: [16, 1_000],
  table_elements: [100_000, 10_000_000],
  core_modules: [64, 256],
  core_instances: [128, 256],
  component_depth: [8, 32],
  stack_bytes: [MiB, 16 * MiB],
  argument_bytes: [MiB, 64 * MiB],
  result_bytes: [4 * MiB, 64 * MiB],
  tools: [256, 10_000],
  surface_bytes: [MiB, 16 * MiB],
  host_calls: [10_000, 10_000_000],
  host_call_bytes: [MiB, 64 * MiB],
  log_bytes: [65_536, 16 * MiB],
  workers: [64, 1_024],
  queue: [256, 100_000],
  instances: [256, 8_192],
  compile_timeout_ms: [30_000, 600_000],
  reentrancy: [8, 64],
} as const satisfies Record<string, readonly [number, number]>;

/** The name of a limit, as in {@link WasmLimits} and in `limit` of an error. */
export type LimitName = keyof typeof table;

/** What a host allows at most. Every limit can be set, none can be switched off. */
export interface WasmLimits {
  /** Bytes of a module or of a whole component file. */
  readonly module_bytes: number;
  /** Functions that a module defines. */
  readonly functions: number;
  /** Imports of a module. */
  readonly imports: number;
  /** Exports of a module. */
  readonly exports: number;
  /** Types of a module. */
  readonly types: number;
  /** Globals that a module defines. */
  readonly globals: number;
  /** Data segments, and element segments, of a module. */
  readonly segments: number;
  /** Custom sections; they are dropped unread. */
  readonly custom_sections: number;
  /** Bytes of one function body. */
  readonly body_bytes: number;
  /** Locals that one function declares. */
  readonly locals: number;
  /** Depth of blocks in one function. */
  readonly nesting: number;
  /** Targets of one `br_table`. */
  readonly br_table_targets: number;
  /** Bytes of all memories of one instance together. */
  readonly memory_bytes: number;
  /** Memories of one core module; more than one is an unsupported feature. */
  readonly memories: number;
  /** Tables of one core module. */
  readonly tables: number;
  /** Elements of all tables of one instance together. */
  readonly table_elements: number;
  /** Core modules in one component. */
  readonly core_modules: number;
  /** Core instances that one component makes. */
  readonly core_instances: number;
  /** Depth of components in a component. */
  readonly component_depth: number;
  /** Bytes of stack of a Worker, rounded up to whole MiB. */
  readonly stack_bytes: number;
  /** Bytes of the arguments of one call. */
  readonly argument_bytes: number;
  /** Bytes of the result of one call. */
  readonly result_bytes: number;
  /** Tools that a component describes. */
  readonly tools: number;
  /** Bytes of all descriptions of a component. */
  readonly surface_bytes: number;
  /** Calls of imports during one call. */
  readonly host_calls: number;
  /** Bytes of one call of an import, each way. */
  readonly host_call_bytes: number;
  /** Bytes of log lines during one call; more is dropped and counted. */
  readonly log_bytes: number;
  /** Workers of this host. */
  readonly workers: number;
  /** Calls of one plugin that wait. */
  readonly queue: number;
  /** Core instances of this host that are alive. */
  readonly instances: number;
  /** Milliseconds for reading, translating, metering and compiling a guest, counted from its turn. */
  readonly compile_timeout_ms: number;
  /** Depth of calls from plugin to host to plugin; an instance never calls itself. */
  readonly reentrancy: number;
}

/** The limits of a host that sets none. */
export const DEFAULT_LIMITS: WasmLimits = Object.freeze(readLimits({}));

/** Whether `name` is a limit. */
export function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(table, name);
}

/** Completes `limits` with the defaults. @throws RangeError for a value that is no limit of this version or passes the ceiling */
export function readLimits(limits: Partial<WasmLimits>): WasmLimits {
  const read: Record<LimitName, number> = defaults();
  for (const [name, value] of Object.entries(limits)) {
    if (!isLimitName(name)) {
      throw new TypeError("Cannot read limits: one has a name that no limit has; see WasmLimits");
    }
    if (value === undefined) continue;
    const [, ceiling] = table[name];
    if (!Number.isSafeInteger(value) || value < 1 || value > ceiling) {
      throw new RangeError(
        `Cannot set limit ${name} to ${value}: it is an integer from 1 to ${ceiling}`,
      );
    }
    read[name] = value;
  }
  return Object.freeze(read);
}

function defaults(): Record<LimitName, number> {
  const all: Partial<Record<LimitName, number>> = {};
  for (const [name, [value]] of Object.entries(table)) if (isLimitName(name)) all[name] = value;
  // Every name of the table was just set.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- built from the table's own keys
  return all as Record<LimitName, number>;
}
