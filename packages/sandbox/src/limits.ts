import { SandboxError } from "./sandbox-error.ts";

/** What one launch may use at most. Every value is a hard limit. */
export interface SandboxLimits {
  /** Memory. Without control groups it bounds the private data of each process; note `memory-per-process`. */
  readonly memoryBytes: number;
  /** Processes and threads at once. */
  readonly pids: number;
  /** Processor cores, as a rate. Not enforced without control groups; note `cpu-unenforced`. */
  readonly cpuCores: number;
  /** Open descriptors of each process. */
  readonly openFiles: number;
  /** Size of any file that is written. */
  readonly fileBytes: number;
  /** Size of each of `/tmp`, `/home/plugin` and `/dev/shm`; they are memory. */
  readonly tmpBytes: number;
}

const maxPids = 4_194_304;
// V8 of Node 24 maps this much for code at its start, writable and untouched, and RLIMIT_DATA counts it.
const nodeReserveBytes = 536_870_912;
const maxOpenFiles = 1_048_576;

/**
 * Answers a frozen copy with the known names alone.
 * @throws {SandboxError} POLICY_REFUSED
 */
export function checkLimits(limits: SandboxLimits): SandboxLimits {
  const { memoryBytes, pids, cpuCores, openFiles, fileBytes, tmpBytes } = limits;
  checkCount("memoryBytes", memoryBytes, Number.MAX_SAFE_INTEGER);
  checkCount("pids", pids, maxPids);
  checkCount("openFiles", openFiles, maxOpenFiles);
  checkCount("fileBytes", fileBytes, Number.MAX_SAFE_INTEGER);
  checkCount("tmpBytes", tmpBytes, Number.MAX_SAFE_INTEGER);
  if (!Number.isFinite(cpuCores) || cpuCores <= 0) refuse("cpuCores", cpuCores, "more than 0");
  return Object.freeze({ memoryBytes, pids, cpuCores, openFiles, fileBytes, tmpBytes });
}

/** What prlimit has to know besides the limits. */
export interface PrlimitOptions {
  readonly program: string;
  /** Slots that the launcher fills itself. */
  readonly coveredDescriptors: number;
  /** Whether a control group limits memory and processes, so that they need not be limited for each process. */
  readonly isGrouped: boolean;
}

/** The arguments of prlimit, up to and with the border before the program. Hard limits equal soft ones. */
export function prlimitArguments(
  limits: SandboxLimits,
  { program, coveredDescriptors, isGrouped }: PrlimitOptions,
): readonly string[] {
  const isNode = program.split("/").at(-1) === "node";
  const perProcess = {
    // RLIMIT_AS is not used: JavaScript and Go reserve address space that they never touch.
    data: limits.memoryBytes + (isNode ? nodeReserveBytes : 0),
    nproc: limits.pids,
  };
  const hard = {
    ...(isGrouped ? {} : perProcess),
    nofile: limits.openFiles + coveredDescriptors,
    fsize: limits.fileBytes,
    core: 0,
  };
  return [...Object.entries(hard).map(([name, value]) => `--${name}=${value}:${value}`), "--"];
}

function checkCount(name: string, value: unknown, most: number): void {
  const isCount = Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most;
  if (!isCount) refuse(name, value, `a whole number from 1 to ${most}`);
}

function refuse(name: string, value: unknown, wanted: string): never {
  const found = typeof value === "number" ? String(value) : typeof value;
  throw new SandboxError(
    "POLICY_REFUSED",
    `Cannot enforce the limit ${name}: it is ${found}; give ${wanted}`,
  );
}
