import {
  type Approval,
  approvePlugin,
  rejectPlugin,
  type ReviewedPlugin,
  reviewPlugin,
  stagedPlugins,
} from "@sigilrt/cli";
import type { AuditRecord } from "@sigilrt/enforcer";
import type { AdminDesk } from "../admin/admin-desk.ts";
import { pluginDesk } from "../plugin-desk.ts";

/** A plugin that waits for a person. */
interface WaitingPlugin {
  readonly name: string;
  /** `staged`: added and never run; the others lie in a listed folder. */
  readonly state: "staged" | "awaiting_consent" | "refused";
  readonly version?: string;
  readonly source?: string;
  readonly reason?: string;
}

/** Reviews and agreements of a gateway that runs: the same as the verbs of these names. */
export interface Reviews {
  waiting(): Promise<readonly WaitingPlugin[]>;
  review(plugin: string): Promise<ReviewedPlugin>;
  approve(
    plugin: string,
    options: { readonly digest: string; readonly user: string },
  ): Promise<Approval>;
  reject(plugin: string, options: { readonly user: string }): Promise<{ readonly digest: string }>;
}

const MAX_QUEUE = 8;

/** Makes the reviews of a configuration. One thing happens at a time: each of them changes what the next one reads. */
export function createReviews(config: string, desk: AdminDesk): Reviews {
  let last: Promise<unknown> = Promise.resolve();
  let queued = 0;
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (queued >= MAX_QUEUE) {
      throw new Error(`Cannot begin: ${MAX_QUEUE} reviews and approvals wait already; ask again`);
    }
    queued += 1;
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    try {
      return await mine;
    } finally {
      queued -= 1;
    }
  };
  const powers = {
    record: (records: readonly AuditRecord[]) => desk.record(records),
    approved: (plugin: string) => desk.approved(plugin),
    list: (plugin: string, folder: string) => pluginDesk.list(config, plugin, folder),
  };
  return {
    async waiting() {
      const { staged } = await pluginDesk.place(config);
      const added = (await stagedPlugins(staged)).map(({ name, version, source }) => ({
        name,
        state: "staged" as const,
        version,
        source,
      }));
      const names = new Set(added.map(({ name }) => name));
      const lying = desk.list().flatMap(({ name, state, reason }): readonly WaitingPlugin[] => {
        if (names.has(name) || (state !== "awaiting_consent" && state !== "refused")) return [];
        return [reason === undefined ? { name, state } : { name, state, reason }];
      });
      return [...added, ...lying];
    },
    review: (plugin) =>
      inTurn(async () =>
        reviewPlugin(await pluginDesk.place(config), plugin, "none", (tree, rights) =>
          pluginDesk.examine(config, tree, rights),
        ),
      ),
    approve: (plugin, options) =>
      inTurn(async () => approvePlugin(await pluginDesk.place(config), plugin, options, powers)),
    reject: (plugin, options) =>
      inTurn(async () => ({
        digest: await rejectPlugin(await pluginDesk.place(config), plugin, options, powers),
      })),
  };
}
