import type { ActReport, SecretKeeper } from "@sigilrt/cli";
import { readConfiguration } from "../configuration.ts";
import { dataFolders } from "../data-folders.ts";
import { openAudit } from "../open-audit.ts";
import { gatewayOf } from "../plugin-desk.ts";
import { secretDesk } from "./secret-desk.ts";
import { secretStore } from "./secret-store.ts";

/** The secrets of a configuration; a gateway that runs on it changes them itself, so that its plugins have the new ones. */
export const secretKeeper: SecretKeeper = {
  async list(config) {
    const configuration = await readConfiguration(config);
    const gateway = await gatewayOf(configuration);
    if (gateway) return gateway.secrets();
    return secretDesk(configuration, secretStore(dataFolders(configuration.data).secrets)).list();
  },
  async change(config, change) {
    const configuration = await readConfiguration(config);
    const gateway = await gatewayOf(configuration);
    if (gateway) return gateway.changeSecret(change);
    await using audit = await openAudit(configuration);
    const store = secretStore(dataFolders(configuration.data).secrets);
    const recorder = { audit, actor: `operator:${process.getuid?.() ?? 0}` };
    // The audit closes at the end of this block, and not before the end is on record.
    return await secretDesk(configuration, store).change(change, recorder, nobodyRuns);
  },
};

const nobodyRuns = async (): Promise<ActReport | undefined> => undefined;
