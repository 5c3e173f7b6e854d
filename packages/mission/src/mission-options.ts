import type { Envelope } from "@sigilrt/envelope";
import type { CheckpointSigner, CheckpointSink, JournalOptions } from "@sigilrt/journal";
import type { CompensationHandler, OperationHandler } from "./operation.ts";

/** What a mission is opened with. */
export interface MissionOptions {
  /** Where its journal lies. It and what lies beside it belong among the protected objects. */
  readonly path: string;
  /** Signs checkpoints. */
  readonly signer: CheckpointSigner;
  /** Where checkpoints go. An empty list is written down: then a cut tail does not show. */
  readonly sinks: readonly CheckpointSink[];
  /** When a record is durable; as in a journal. */
  readonly durability?: JournalOptions["durability"];
  /** What it may do. */
  readonly envelope: Envelope;
  /** The digest of the lock file. */
  readonly lockDigest: string;
  /** The digest of what is to be done. */
  readonly inputsDigest: string;
  /** Answers who runs the operations of a type; `undefined` for nobody. */
  readonly handler: (type: string) => OperationHandler | undefined;
  /** Compensations by name. */
  readonly compensations?: Readonly<Record<string, CompensationHandler>>;
  /** Tells the time; the machine's when absent. */
  readonly clock?: { now(): number };
}
