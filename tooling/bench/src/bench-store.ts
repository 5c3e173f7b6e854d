import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuditStoreOptions, type EmbeddedAuditStore, openAuditStore } from "@sigilrt/audit";
import { createCheckpointSigner } from "@sigilrt/journal";

export const benchSigner = createCheckpointSigner("bench", Buffer.alloc(32, 7));

/** A folder on a disk: not the memory that a temporary folder may be. */
export const benchFolder = (): Promise<string> =>
  mkdtemp(join(process.env["SIGIL_BENCH_DISK"] ?? tmpdir(), "bench-"));

/** A store of its own, in a folder that goes with it. */
export async function openBenchStore(options: Partial<AuditStoreOptions> = {}): Promise<{
  readonly folder: string;
  readonly store: EmbeddedAuditStore;
  readonly close: () => Promise<void>;
}> {
  const folder = await benchFolder();
  const store = await openAuditStore(join(folder, "audit"), {
    signer: benchSigner,
    sinks: [],
    ...options,
  });
  return {
    folder,
    store,
    async close() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
