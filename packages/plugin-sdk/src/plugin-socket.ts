import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import type { HostTerms } from "./host-terms.ts";
import { PluginSdkError } from "./plugin-sdk-error.ts";

// Not an import: that would load the streams and promises of files as well, which is most of a start.
const { chmodSync, chownSync, readFileSync } = process.getBuiltinModule("node:fs");

/** The socket of a plugin. */
export interface PluginSocket {
  /** Accepts connections. */
  readonly server: Server;
  /** Its path. */
  readonly address: string;
}

/** What every system gives the path of a socket, in bytes. */
const MAX_PATH_BYTES = process.platform === "darwin" ? 103 : 107;

/** Listens where the host wants it, for the user alone or for one group. Throws {@link PluginSdkError} `LISTEN_FAILED`. */
export async function listenOnSocket(terms: HostTerms): Promise<PluginSocket> {
  const { socketDirectory, socketGroup } = terms;
  // Unique, not secret: the mode keeps others out. Loading node:crypto would take a tenth of a start.
  const unique = `${process.pid}-${Math.random().toString(36).slice(2, 10)}`;
  const address = join(socketDirectory, `sigil-${unique}.sock`);
  const server = createServer();
  try {
    const size = Buffer.byteLength(address);
    if (size > MAX_PATH_BYTES) {
      throw new RangeError(
        `its path would have ${size} bytes, at most ${MAX_PATH_BYTES} are possible`,
      );
    }
    const group = socketGroup === undefined ? undefined : groupId(socketGroup);
    const listening = once(server, "listening");
    withPrivateUmask(() => server.listen(address));
    await listening;
    if (group !== undefined) {
      chownSync(address, process.getuid?.() ?? -1, group);
      chmodSync(address, 0o660);
    }
    return { server, address };
  } catch (error) {
    server.close();
    throw new PluginSdkError(
      "LISTEN_FAILED",
      `Cannot listen on a socket in ${socketDirectory}: ${error instanceof Error ? error.message : "unknown reason"}; the host sets the folder by PLUGIN_UNIX_SOCKET_DIR or TMPDIR`,
      { cause: error },
    );
  }
}

/** Between the making of a socket and a later change of its mode, everybody could connect. */
function withPrivateUmask(make: () => void): void {
  const before = process.umask(0o177);
  try {
    make();
  } finally {
    process.umask(before);
  }
}

function groupId(group: string): number {
  if (/^\d{1,10}$/u.test(group)) return Number(group);
  const line = readFileSync("/etc/group", "utf8")
    .split("\n")
    .map((text) => text.split(":"))
    .find(([name]) => name === group);
  const id = Number(line?.[2] ?? Number.NaN);
  if (Number.isInteger(id)) return id;
  throw new RangeError(
    `PLUGIN_UNIX_SOCKET_GROUP names ${JSON.stringify(group.slice(0, 100))}, which /etc/group does not have; an id works everywhere`,
  );
}
