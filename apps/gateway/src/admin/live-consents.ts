import { type Consents, consentStore, readConsents } from "@sigilrt/cli";
import type { ConsentStore } from "@sigilrt/manager";

/** The recorded consents of a gateway that runs. */
export interface LiveConsents extends ConsentStore {
  /** Reads them again. @throws Error for a file that cannot be read; then those before are in force */
  refresh(): Promise<void>;
}

/** Reads the consents of a file. @throws Error for a file that cannot be read */
export async function openConsents(path: string): Promise<LiveConsents> {
  const read = async (): Promise<ConsentStore> => {
    const consents: Consents = await readConsents(path);
    return consentStore(consents);
  };
  let current = await read();
  return {
    find: (...asked) => current.find(...asked),
    async refresh() {
      current = await read();
    },
  };
}
