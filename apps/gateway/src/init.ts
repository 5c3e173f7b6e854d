import { lstat, mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type NewGateway, writeConsents } from "@sigilrt/cli";
import { amendLockfile, writeLockfile } from "@sigilrt/integrity";
import { parseConfiguration } from "./configuration.ts";
import { dataFolders } from "./data-folders.ts";
import { auditKeeper } from "./open-audit.ts";
import { openTokenStore, type TokenOwner } from "./tokens.ts";

/** A configuration that allows its one user every tool that somebody approved. */
const written = ({
  user,
  workspace,
}: TokenOwner): string => `# Written by sigil init. What is missing allows nothing.
listen: { host: 127.0.0.1, port: 0 }
data: data

# sigil add, review and approve fill this; a folder that is not listed does not run.
plugins: {}

# A call needs three yeses: the plugin's approval, the workspace, the person.
workspaces:
  ${workspace}: { allow: [tool.*] }
users:
  ${user}: { permissions: [tool.*], workspaces: [${workspace}] }

# Run as root, the gateway gives plugins this user instead of its own.
sandbox: { run_as: { uid: 65534, gid: 65534 } }
`;

/**
 * Makes a gateway where there is none: data folder with keys, empty lock, no consents, first token, and last of all the configuration.
 *
 * @throws Error when one of them is there already; then nothing was made
 */
export async function initGateway(config: string, owner: TokenOwner): Promise<NewGateway> {
  const path = resolve(config);
  const text = written(owner);
  const configuration = parseConfiguration(text, path);
  const { data, lock, consents } = configuration;
  for (const place of [path, data, lock, consents]) {
    // oxlint-disable-next-line no-await-in-loop -- the first that is there is named
    if (await lstat(place).catch(() => undefined)) {
      throw new Error(`Cannot make a gateway: "${place}" exists; nothing was changed`);
    }
  }
  await mkdir(dirname(path), { recursive: true });
  await mkdir(data, { mode: 0o711 });
  await auditKeeper(configuration);
  const empty = amendLockfile(undefined, {});
  if (!empty.ok) throw new Error("Cannot make a gateway: an empty lock is refused");
  await writeLockfile(lock, empty.lock);
  await writeConsents(consents, {});
  const tokens = await openTokenStore(dataFolders(data).tokens);
  const token = await tokens.create(owner, "until_revoked");
  await writeFile(path, text, { flag: "wx" });
  return { config: path, data, lock, token, ...owner };
}
