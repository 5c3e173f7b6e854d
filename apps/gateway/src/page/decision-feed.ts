import { randomUUID } from "node:crypto";
import type { AuditReceipt, AuditRecord, AuditStore } from "@sigilrt/enforcer";

/** What is kept for readers who come late or read slowly. */
const KEPT = 1_024;
const MAX_TEXT = 512;

/** A decision as the page shows it while it happens. The record is in the audit. */
interface LiveDecision {
  /** When it was on record, RFC 3339. */
  readonly at: string;
  readonly decision: string;
  readonly result: string;
  readonly reason: string;
  readonly actor: string;
  readonly plugin?: string;
  readonly workspace?: string;
  readonly capability?: string;
}

/** One decision with its place in the feed. */
interface FedDecision {
  readonly number: number;
  /** How many before it this reader has lost. */
  readonly dropped: number;
  readonly decision: LiveDecision;
}

/** The newest decisions of a gateway, in memory. */
export interface DecisionFeed {
  /** Tells one feed from that of another start. */
  readonly epoch: string;
  /** The number of the oldest of the newest `count`. */
  latest(count: number): number;
  /** The store with every decision that it took, once it is durable, in the feed as well. */
  watch(store: AuditStore): AuditStore;
  /** From a number on, then what comes, until the signal aborts. */
  read(from: number, signal: AbortSignal): AsyncIterable<FedDecision>;
}

/** Makes an empty feed. */
export function createDecisionFeed(clock: { now(): number }): DecisionFeed {
  const kept: LiveDecision[] = [];
  let count = 0;
  let change = Promise.withResolvers<void>();
  const add = (records: readonly AuditRecord[], receipts: readonly AuditReceipt[]): void => {
    const at = new Date(clock.now()).toISOString();
    for (const [index, record] of records.entries()) {
      if (record.action !== "capability_check") continue;
      kept.push(shown(record, receipts[index]?.decisionId ?? "", at));
      count += 1;
      if (kept.length > KEPT) kept.shift();
    }
    change.resolve();
    change = Promise.withResolvers();
  };
  return {
    epoch: randomUUID(),
    latest: (wanted) => Math.max(0, count - Math.min(wanted, kept.length)),
    watch: (store) => ({
      append(records, options) {
        const appended = store.append(records, options);
        appended.then(
          (receipts) => add(records, receipts),
          () => undefined,
        );
        return appended;
      },
      query: (filter, page) => store.query(filter, page),
    }),
    async *read(from, signal) {
      for (let next = from; !signal.aborted;) {
        const oldest = count - kept.length;
        const number = Math.max(next, oldest);
        const decision = kept[number - oldest];
        if (decision) {
          yield { number, dropped: number - next, decision };
          next = number + 1;
        } else {
          // oxlint-disable-next-line no-await-in-loop -- waits for the next decision
          await untilAborted(change.promise, signal);
        }
      }
    },
  };
}

/** Waits for one or the other, and leaves nothing behind on the signal. */
async function untilAborted(change: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const leave = (): void => resolve();
  signal.addEventListener("abort", leave, { once: true });
  await Promise.race([change, promise]);
  signal.removeEventListener("abort", leave);
}

function shown(record: AuditRecord, decision: string, at: string): LiveDecision {
  const { result, reason, actor, plugin, workspace, capability } = record;
  return {
    at,
    decision: record.decision ?? decision,
    result,
    reason,
    actor: cut(actor),
    ...(plugin === undefined ? {} : { plugin: cut(plugin) }),
    ...(workspace === undefined ? {} : { workspace: cut(workspace) }),
    ...(capability === undefined ? {} : { capability: cut(capability) }),
  };
}

const cut = (text: string): string =>
  text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
