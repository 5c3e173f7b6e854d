import { LifecycleError } from "@sigilrt/lifecycle";
import type { CallOutcome } from "./call.ts";
import type { Subject } from "./decide.ts";
import { ManagerError, type ManagerErrorCode } from "./manager-error.ts";
import { reasonOf } from "./record-outcome.ts";

/** How an operation of a channel or a provider ended that did not run, or not to its end, in the words its caller may hear. */
export type UnfinishedOutcome = Extract<
  CallOutcome,
  {
    /** What it came to; the same as of a call. */
    readonly kind: "denied" | "unavailable" | "cancelled";
  }
>;

/** An end that the caller hears of as an error. */
export type BadEnd =
  | UnfinishedOutcome
  /** The plugin failed, in the words of its host. */
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "unsupported" };

/** How an operation ended. */
export type OperationEnd =
  | BadEnd
  | { readonly kind: "ok" }
  /** Its plugin was replaced; a stream goes on with the next version. */
  | { readonly kind: "handed_over" };

/** What the record says of an end. */
export function recordOf(end: OperationEnd): {
  readonly result: "ok" | "failed";
  readonly reason: string;
} {
  switch (end.kind) {
    case "ok":
      return { result: "ok", reason: "ok" };
    case "handed_over":
      return { result: "ok", reason: "reloading" };
    case "failed":
      return { result: "failed", reason: "plugin_error" };
    case "unsupported":
      return { result: "failed", reason: "TYPE_UNSUPPORTED" };
    case "denied":
    case "unavailable":
    case "cancelled":
      return { result: "failed", reason: reasonOf(end) };
    default:
      return end satisfies never;
  }
}

/** The end that a failure of a host means. */
export function endOf(error: unknown): BadEnd {
  if (!(error instanceof LifecycleError)) return { kind: "unavailable", reason: "crashed" };
  const { code, message } = error;
  switch (code) {
    case "CANCELLED":
      return { kind: "cancelled", by: "caller" };
    case "DEADLINE":
      return { kind: "cancelled", by: "deadline" };
    case "OVERLOADED":
      return { kind: "unavailable", reason: "overloaded" };
    case "CLOSED":
      return { kind: "unavailable", reason: "reloading" };
    case "TYPE_UNSUPPORTED":
      return { kind: "unsupported" };
    case "PROTOCOL":
    case "RESULT_TOO_LARGE":
      return { kind: "failed", message };
    case "INVALID_TRANSITION":
    case "START_FAILED":
    case "HANDSHAKE_TIMEOUT":
    case "CRASHED":
    case "TOOL_UNKNOWN":
      return { kind: "unavailable", reason: "crashed" };
    default:
      return code satisfies never;
  }
}

/** The error of an operation that did not end well. What an operator may know beyond it is in the audit. */
export function errorOf(
  end: BadEnd,
  { plugin, capability }: Pick<Subject, "plugin" | "capability">,
): ManagerError {
  const error = (
    code: ManagerErrorCode,
    state: string,
    outcome?: UnfinishedOutcome,
  ): ManagerError => {
    const facts = outcome === undefined ? { plugin } : { plugin, outcome };
    return new ManagerError(code, `Cannot use "${capability}": ${state}`, facts);
  };
  switch (end.kind) {
    case "denied":
      return error("DENIED", `denied, ${end.publicReason}`, end);
    case "unavailable":
      return error("UNAVAILABLE", `unavailable, ${end.reason}`, end);
    case "cancelled":
      return error("CANCELLED", `cancelled, ${end.by}`, end);
    case "failed":
      return error("FAILED", end.message);
    case "unsupported":
      return error("TYPE_UNSUPPORTED", "the plugin does not serve it");
    default:
      return end satisfies never;
  }
}
