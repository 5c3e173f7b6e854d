/** Why a call of this package failed; closed, for callers to branch on. */
export type SandboxErrorCode =
  | "UNSUPPORTED_PLATFORM"
  | "UNSUPPORTED_ARCH"
  | "TOOL_MISSING"
  | "TOOL_REFUSED"
  | "USERNS_BLOCKED"
  | "SECCOMP_UNAVAILABLE"
  | "RELAY_UNAVAILABLE"
  | "ROOT_IDENTITY"
  | "LIMIT_UNENFORCEABLE"
  | "PROBE_FAILED"
  | "POLICY_REFUSED"
  | "PATH_REFUSED"
  | "HOST_REFUSED"
  | "ENV_REFUSED"
  | "BINARY_REFUSED"
  | "GRANT_TOO_BROAD"
  | "GRANT_NOT_EXPRESSIBLE"
  | "GRANT_NOT_A_FILE"
  | "GRANT_HOST_EXECUTED"
  | "NESTED_MOUNT_UNSAFE"
  | "DESCRIPTOR_LEAK"
  | "LAUNCH_FAILED"
  | "SOCKET_SUBSTITUTED"
  | "SOCKET_MISSING"
  | "CLOSED";

/** One row of a {@link SandboxReport}. */
export type ProbeName =
  | "bwrap"
  | "prlimit"
  | "namespaces"
  | "usernsDisabled"
  | "seccomp"
  | "procReadOnly"
  | "environment"
  | "bindFd"
  | "nestedMounts"
  | "cgroup"
  | "identity"
  | "relay"
  | "strace";

/** What a {@link SandboxError} carries beside its code and message. */
export interface SandboxErrorOptions extends ErrorOptions {
  /** What the operator can do, as one sentence or command. */
  readonly remedy?: string;
  /** Every probe that failed; absent means none. */
  readonly failed?: readonly ProbeName[];
}

/** The one error class of this package. Branch on `code`; `message` is for people and may name host paths. */
export class SandboxError extends Error {
  /** Always "SandboxError". */
  override readonly name = "SandboxError";
  /** Why it failed. */
  readonly code: SandboxErrorCode;
  /** What the operator can do; absent where the message says it all. */
  declare readonly remedy?: string;
  /** Every probe that failed; empty unless the sandbox itself could not be had. */
  readonly failed: readonly ProbeName[];

  constructor(code: SandboxErrorCode, message: string, options: SandboxErrorOptions = {}) {
    const { remedy, failed = [], ...rest } = options;
    super(message, rest);
    this.code = code;
    this.failed = Object.freeze([...failed]);
    if (remedy !== undefined) this.remedy = remedy;
  }
}
