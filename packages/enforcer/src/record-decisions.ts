import type { AuditReceipt } from "./audit-store.ts";
import type { Decision } from "./decision.ts";
import { type Evaluation, toDecision, toRecord } from "./evaluation.ts";
import { type Recorder, supersede } from "./recorder.ts";

/** A request that may have to be decided again. */
export interface Ask {
  /** Decides on the grants that stand now. Never throws. */
  evaluate(): Evaluation;
  /** Answers whether an allow is still one. Never throws. */
  stillHolds(evaluation: Evaluation): boolean;
}

/** A request whose answer is not settled yet. */
interface Open {
  readonly ask: Ask;
  readonly at: number;
  readonly evaluation: Evaluation;
  /** Where the record lies of an allow that was decided before and not used. */
  readonly unused: { readonly evaluation: Evaluation; readonly receipt: AuditReceipt } | undefined;
}

const MAX_ROUNDS = 3;

/**
 * Decides all requests and records them with one append. An allow is given when its record is durable and it
 * still holds then. Where grants changed meanwhile it is decided again, at most twice; then it is denied. A denial stands.
 */
export async function recordDecisions(
  asks: readonly Ask[],
  recorder: Recorder,
  signal: AbortSignal | undefined,
): Promise<readonly Decision[]> {
  const decisions: Decision[] = [];
  const first = asks.map((ask, at) => ({ ask, at, evaluation: ask.evaluate(), unused: undefined }));
  await settle(first, 1, { decisions, recorder, signal });
  return Object.freeze(decisions);
}

interface Run {
  /** The answers, in the order of the requests. */
  readonly decisions: Decision[];
  readonly recorder: Recorder;
  readonly signal: AbortSignal | undefined;
}

async function settle(open: readonly Open[], round: number, run: Run): Promise<void> {
  if (open.length === 0) return;
  const { decisions, recorder, signal } = run;
  const isLast = round > MAX_ROUNDS;
  const reasonOf = ({ evaluation }: Open): Evaluation["reason"] =>
    isLast ? "internal_error" : evaluation.reason;
  const written = open.map((one) => toRecord(one.evaluation, reasonOf(one)));
  const taken = open.flatMap((one) => {
    const { unused } = one;
    if (!unused) return [];
    return [supersede(toRecord(unused.evaluation, "allowed"), unused.receipt, reasonOf(one))];
  });
  const receipts = await recorder.write([...written, ...taken], signal);

  const again: Open[] = [];
  for (const [index, { ask, at, evaluation }] of open.entries()) {
    const receipt = receipts?.[index];
    if (isLast) decisions[at] = toDecision(evaluation, receipt, "internal_error");
    else if (evaluation.reason !== "allowed") decisions[at] = toDecision(evaluation, receipt);
    else if (!receipt) decisions[at] = toDecision(evaluation, undefined, "audit_unavailable");
    else if (ask.stillHolds(evaluation)) decisions[at] = toDecision(evaluation, receipt);
    else again.push({ ask, at, evaluation: ask.evaluate(), unused: { evaluation, receipt } });
  }
  await settle(again, round + 1, run);
}
