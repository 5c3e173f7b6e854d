import type { EmbeddedAuditStore } from "@sigilrt/audit";
import { type VerifiedLog, verifyLog } from "@sigilrt/cli";
import type { AuditFilter, AuditPage } from "@sigilrt/enforcer";
import type { Configuration } from "../configuration.ts";
import { dataFolders } from "../data-folders.ts";

/** What an operator sees of the audit. */
export interface AuditView {
  facts(): Promise<AuditFacts>;
  query(filter: AuditFilter, cursor: string | undefined): Promise<AuditPage>;
  /** Verifies the log up to what is written now; who asks meanwhile gets the same answer. */
  verify(): Promise<VerifiedLog>;
}

/** How the audit stands. */
export interface AuditFacts {
  readonly durability: "group" | "each" | "none";
  /** Where the newest record lies. */
  readonly newest?: { readonly log: string; readonly seq: number; readonly at?: string };
  /** Records that a checkpoint outside the folder vouches for, and whether there is such a place. */
  readonly anchored: number;
  readonly anchors: number;
  readonly index: "sqlite" | "scan";
  readonly lastError?: string;
}

const PAGE = 50;

/** Makes the view of an open audit. */
export function createAuditView(
  audit: EmbeddedAuditStore,
  { data, audit: { anchors, durability } }: Configuration,
): AuditView {
  const { audit: directory, publicKey } = dataFolders(data);
  const place = {
    directory,
    anchors: anchors.flatMap((anchor) => ("file" in anchor ? [anchor.file] : [])),
    keys: [publicKey],
  };
  let running: Promise<VerifiedLog> | undefined;
  const verify = async (): Promise<VerifiedLog> => {
    try {
      return await verifyLog(place, { checkpoints: [], keys: [], fast: false, index: true });
    } finally {
      running = undefined;
    }
  };
  return {
    async facts() {
      const [newest] = (await audit.query({}, { limit: 1 })).records;
      const { anchored, index, lastError } = audit.health();
      const known = newest && { log: newest.log, seq: newest.seq };
      return {
        durability,
        anchored,
        anchors: anchors.length,
        index,
        ...(lastError === undefined ? {} : { lastError }),
        ...(known ? { newest: newest.at === undefined ? known : { ...known, at: newest.at } } : {}),
      };
    },
    query: (filter, cursor) =>
      audit.query(filter, cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor }),
    verify: () => (running ??= verify()),
  };
}
