/**
 * Starts a program so that the operating system holds it to what was granted.
 *
 * `compilePolicy` turns effective grants into what a plugin's processes may touch, `createSandbox` finds out whether
 * this machine can enforce it, and `Sandbox.launch` starts the program. What cannot be enforced is refused.
 *
 * @packageDocumentation
 */

export { type EgressDecision, type EgressOutcome } from "./egress-decision.ts";
export { type Resolver } from "./egress-dial.ts";
export { createEgressProxy, type EgressProxy, type EgressProxyOptions } from "./egress-proxy.ts";
export { type EgressProtocol } from "./egress-reader.ts";
export { type EgressRule } from "./egress-rules.ts";
export { generateArgs, type GenerateArgsOptions, type SandboxManifest } from "./generate-args.ts";
export { type RunAs } from "./identity.ts";
export { type SystemLayout } from "./layout.ts";
export { type SandboxLimits } from "./limits.ts";
export { type Mask, type Mount } from "./mount.ts";
export { type Observation, type Observer } from "./observation.ts";
export { type PathGlob } from "./paths.ts";
export { compilePolicy, type Policy, type PolicyNote, type PolicyRequest } from "./policy.ts";
export {
  type ProbeResult,
  type ProbeStatus,
  type SandboxNote,
  type SandboxReport,
} from "./report.ts";
export { createSandbox, diagnoseSandbox, type Sandbox, type SandboxOptions } from "./sandbox.ts";
export {
  type ProbeName,
  SandboxError,
  type SandboxErrorCode,
  type SandboxErrorOptions,
} from "./sandbox-error.ts";
export {
  type Exit,
  type ExitReason,
  type LaunchOptions,
  type SandboxedProcess,
} from "./sandboxed-process.ts";
export {
  compileSeccomp,
  type CompileSeccompOptions,
  type SeccompProgram,
} from "./seccomp-compile.ts";
export {
  type SeccompAnswer,
  type SeccompArch,
  type SeccompCondition,
  type SeccompRule,
} from "./seccomp-rules.ts";
export { renderSeatbelt, type SeatbeltProfile } from "./seatbelt.ts";
export { type UpstreamProxy } from "./upstream.ts";
export { type Violation, type ViolationKind } from "./violation.ts";
