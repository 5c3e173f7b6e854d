import { isUp } from "./choose-slot.ts";
import type { InstanceRecord } from "./instance-records.ts";
import type { InstanceSlot } from "./instance-slot.ts";
import type { ManagerError } from "./manager-error.ts";
import type { StartedInstance } from "./start.ts";

/** The use of an instance for one call. */
export interface Lease {
  readonly started: StartedInstance;
  /** Gives it back; once. */
  release(): void;
  /** Lets the instance take no more calls, and stops it when those it has are over or their grace is. */
  retire(): void;
}

/** Why there is no instance to use. */
export type NoLease =
  | {
      readonly reason: "overloaded" | "crashed" | "quarantined" | "reloading" | "starting";
      /** When to try again, where that is known. */
      readonly retryAfterMs?: number;
    }
  | { readonly reason: "refused"; readonly error: ManagerError };

/** Why bytes are not started at all, when they are not. */
export function refusalBy(record: InstanceRecord, over: AbortSignal): NoLease | undefined {
  if (over.aborted) return { reason: "reloading" };
  if (record.quarantined) return { reason: "quarantined" };
  return record.refusal && { reason: "refused", error: record.refusal };
}

/** What is said to who waited too long, or would. */
export function lateAnswer(
  slots: ReadonlySet<InstanceSlot>,
  { notBefore }: InstanceRecord,
  now: number,
): Exclude<NoLease, { readonly reason: "refused" }> {
  if (slots.size === 0 && notBefore > now) {
    return { reason: "crashed", retryAfterMs: notBefore - now };
  }
  const isStarting = slots.size > 0 && ![...slots].some(isUp);
  return { reason: isStarting ? "starting" : "overloaded" };
}
