import { constants } from "node:fs";
import { type FileHandle, lstat, open, readlink, realpath } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { isAbsolute, relative, sep } from "node:path";
import { ProcessHostError } from "./process-host-error.ts";
import { quoted } from "./quoted.ts";
import type { Address } from "./runner.ts";

interface SocketPolicy {
  /** The private directory of the start. */
  readonly directory: string;
  /** The user that the socket must belong to. */
  readonly uid: number | undefined;
}

/** Opens a path itself, not what it leads to. Linux only. */
const O_PATH = 0o10_000_000;

/**
 * Connects to the socket a plugin printed, if it is one that the plugin made inside its own directory. On Linux the very file that
 * was checked is connected to, so that swapping it in between leads nowhere.
 */
export async function connectPluginSocket(address: Address, policy: SocketPolicy): Promise<Socket> {
  if (address.network !== "unix") throw refused(address, "only Unix sockets are connected to");
  if (!isAbsolute(address.address)) throw refused(address, "it is no absolute path");
  if (process.platform !== "linux") {
    await checkByPath(address, policy);
    return await connected(address.address);
  }
  const file = await open(address.address, O_PATH | constants.O_NOFOLLOW).catch(
    (error: unknown) => {
      throw refused(address, "nothing can be opened there", error);
    },
  );
  try {
    await checkOpened(file, address, policy);
    return await connected(`/proc/self/fd/${file.fd}`);
  } finally {
    await file.close();
  }
}

async function checkOpened(
  file: FileHandle,
  address: Address,
  policy: SocketPolicy,
): Promise<void> {
  const stat = await file.stat();
  // A symbolic link opened as itself is no socket, so it ends here as well.
  if (!stat.isSocket()) throw refused(address, "it is no socket");
  if (policy.uid !== undefined && stat.uid !== policy.uid)
    throw refused(address, "it belongs to another user");
  const path = await readlink(`/proc/self/fd/${file.fd}`);
  if (!isInside(path, policy.directory) || path !== address.address) {
    throw refused(
      address,
      "it does not lie in the plugin's own directory, or is reached through a link",
    );
  }
}

async function checkByPath(address: Address, policy: SocketPolicy): Promise<void> {
  const stat = await lstat(address.address).catch((error: unknown) => {
    throw refused(address, "nothing can be opened there", error);
  });
  if (!stat.isSocket()) throw refused(address, "it is no socket");
  if (policy.uid !== undefined && stat.uid !== policy.uid)
    throw refused(address, "it belongs to another user");
  const path = await realpath(address.address);
  if (!isInside(path, policy.directory) || path !== address.address) {
    throw refused(
      address,
      "it does not lie in the plugin's own directory, or is reached through a link",
    );
  }
}

function isInside(path: string, directory: string): boolean {
  const inner = relative(directory, path);
  return inner !== "" && inner !== ".." && !inner.startsWith(`..${sep}`) && !isAbsolute(inner);
}

const connected = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
    socket.once("error", reject);
  });

const refused = (address: Address, why: string, cause?: unknown): ProcessHostError =>
  new ProcessHostError(
    "ADDRESS_REFUSED",
    `Cannot connect to ${quoted(`${address.network} ${address.address}`)}: ${why}`,
    {
      phase: "connect",
      cause,
    },
  );
