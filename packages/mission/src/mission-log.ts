import { createReadStream } from "node:fs";
import {
  type Journal,
  type JournalEntry,
  type JournalRecord,
  openJournal,
  verifyJournal,
} from "@sigilrt/journal";
import { type ExecutionContext, logOf } from "./execution-context.ts";
import { attempting, MissionError } from "./mission-error.ts";
import type { MissionOptions } from "./mission-options.ts";
import { MissionState } from "./mission-state.ts";

/** A mission's journal and what its records come to. */
export class MissionLog {
  readonly state: MissionState;
  readonly #journal: Journal;

  constructor(journal: Journal, state: MissionState) {
    this.#journal = journal;
    this.state = state;
  }

  /** Records of it that are not the journal's own. */
  get size(): number {
    return this.#journal.size;
  }

  /** Puts entries on record, all or none, and takes them in. @throws MissionError `IO` */
  async append(...entries: readonly JournalEntry[]): Promise<void> {
    const records = await attempting("put the mission on record", () =>
      this.#journal.append(entries),
    );
    for (const record of records) this.state.take(record);
  }

  /** Ends the journal. @throws MissionError `IO` */
  seal(): Promise<void> {
    return attempting("seal the mission's journal", () => this.#journal.seal());
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}

/** Opens the journal and folds what it holds. @throws MissionError `IO` with the journal's error as its cause */
export function openLog(context: ExecutionContext, options: MissionOptions): Promise<MissionLog> {
  const { path, signer, sinks, envelope, clock, durability = "group" } = options;
  const log = logOf(context);
  return attempting(`open the mission's journal "${path}"`, async () => {
    const journal = await openJournal(path, {
      log,
      signer,
      sinks,
      durability,
      ...(clock ? { clock } : {}),
    });
    try {
      const state = new MissionState(envelope);
      // The journal was verified against its checkpoints when it was opened, and nobody else writes it now.
      const onRecord = (record: JournalRecord): void => {
        state.replayBudget(record);
        state.take(record);
        checkOpening(record, envelope.digest);
      };
      const verdict = await verifyJournal(createReadStream(path), { log, onRecord });
      if (!verdict.ok) throw new Error(verdict.kind);
      return new MissionLog(journal, state);
    } catch (error) {
      await journal.close();
      throw error;
    }
  });
}

function checkOpening({ type, body }: JournalRecord, envelopeDigest: string): void {
  if (type !== "mission.opened" || body["envelope_digest"] === envelopeDigest) return;
  throw new MissionError("IO", "Cannot open the mission: its journal is of another envelope");
}
