import { type Policy, compilePolicy, type PolicyRequest } from "../policy.ts";

/** Limits that every program of the tests fits in. */
export const limits = Object.freeze({
  memoryBytes: 268_435_456,
  pids: 64,
  cpuCores: 1,
  openFiles: 256,
  fileBytes: 1_048_576,
  tmpBytes: 1_048_576,
});

/** A request that grants nothing, with changes. */
export function request(changes: Partial<PolicyRequest> = {}): PolicyRequest {
  return {
    plugin: "echo",
    grants: [],
    code: "/srv/store/echo",
    command: ["main"],
    limits,
    platform: "linux",
    ...changes,
  };
}

/** Compiles `request(changes)`. */
export function compile(changes: Partial<PolicyRequest> = {}): Policy {
  return compilePolicy(request(changes));
}
