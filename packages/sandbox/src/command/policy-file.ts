import type { RunAs } from "../identity.ts";
import type { SandboxLimits } from "../limits.ts";
import { SandboxError } from "../sandbox-error.ts";

/** What a policy file says. */
export interface PolicyFile {
  readonly grants: readonly string[];
  readonly denials: readonly string[];
  readonly readDeny: readonly string[];
  /** A folder that the program sees read-only as `/plugin`, its working folder. */
  readonly code: string;
  /** A private folder that it may write, at `/data/plugins/self`. */
  readonly data?: string;
  readonly limits: SandboxLimits;
  /** Whom it runs as when the command runs as root. */
  readonly runAs?: RunAs;
}

const MEBIBYTE = 1_048_576;
const DEFAULT_LIMITS: SandboxLimits = {
  memoryBytes: 512 * MEBIBYTE,
  pids: 64,
  cpuCores: 1,
  openFiles: 1_024,
  fileBytes: 64 * MEBIBYTE,
  tmpBytes: 64 * MEBIBYTE,
};
const known = new Set(["grants", "denials", "readDeny", "code", "data", "limits", "runAs"]);

/**
 * Reads a policy file: JSON with `grants`, `denials`, `readDeny`, `code`, `data`, `limits`, `runAs`. A key it does not know is refused.
 *
 * @throws {@link SandboxError} POLICY_REFUSED that names the key
 */
export function parsePolicyFile(text: string): PolicyFile {
  const file = objectOf(jsonOf(text), "the file");
  const unknown = Object.keys(file).find((key) => !known.has(key));
  if (unknown !== undefined)
    throw refused(unknown, `is no key; there are ${[...known].join(", ")}`);
  const code = file["code"];
  if (typeof code !== "string") throw refused("code", "must be the path of a folder");
  const data = file["data"];
  if (data !== undefined && typeof data !== "string") throw refused("data", "must be a path");
  const runAs = file["runAs"] === undefined ? undefined : runAsOf(file["runAs"]);
  return {
    grants: textsOf(file, "grants"),
    denials: textsOf(file, "denials"),
    readDeny: textsOf(file, "readDeny"),
    code,
    ...(data === undefined ? {} : { data }),
    limits: limitsOf(file["limits"]),
    ...(runAs ? { runAs } : {}),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused("the file", "must be JSON", cause);
  }
}

function textsOf(file: Readonly<Record<string, unknown>>, key: string): readonly string[] {
  const list = file[key] ?? [];
  if (Array.isArray(list) && list.every((text) => typeof text === "string")) return list;
  throw refused(key, "must be a list of texts");
}

function limitsOf(value: unknown): SandboxLimits {
  const given = value === undefined ? {} : objectOf(value, "limits");
  for (const [key, limit] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, key)) throw refused(`limits.${key}`, "is no limit");
    if (typeof limit !== "number") throw refused(`limits.${key}`, "must be a number");
  }
  return { ...DEFAULT_LIMITS, ...given };
}

function runAsOf(value: unknown): RunAs {
  const { uid, gid, ...rest } = objectOf(value, "runAs");
  if (typeof uid === "number" && typeof gid === "number" && Object.keys(rest).length === 0) {
    return { uid, gid };
  }
  throw refused("runAs", "must be a uid and a gid");
}

function objectOf(value: unknown, key: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refused(key, "must be an object");
  }
  return Object.fromEntries(Object.entries(value));
}

const refused = (key: string, state: string, cause?: unknown): SandboxError =>
  new SandboxError("POLICY_REFUSED", `Cannot use policy file: ${JSON.stringify(key)} ${state}`, {
    cause,
  });
