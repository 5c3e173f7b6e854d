import { constants, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { type Duplex } from "node:stream";
import { openPath, throughDescriptor } from "./open-entry.ts";
import { quoted } from "./quoted.ts";
import { SandboxError } from "./sandbox-error.ts";

const socketName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Connects to a socket that a plugin made, and to nothing else: a link planted under its name would lead to
 * any socket of the host.
 * @throws {SandboxError} SOCKET_SUBSTITUTED, SOCKET_MISSING, PATH_REFUSED for a malformed name
 */
export async function connectPluginSocket(
  directory: string,
  name: string,
  owner: number,
  signal: AbortSignal | undefined,
): Promise<Duplex> {
  signal?.throwIfAborted();
  if (!socketName.test(name)) {
    throw new SandboxError(
      "PATH_REFUSED",
      `Cannot connect to the socket ${quoted(name)}: the name is malformed`,
    );
  }
  const handle = await openEntry(`${directory}/${name}`, name);
  try {
    checkSocket(await handle.stat(), name, owner);
    // Through the descriptor, since the entry may be another one by now.
    return await connected(throughDescriptor(handle.fd), name, signal);
  } finally {
    await handle.close();
  }
}

async function openEntry(path: string, name: string): Promise<Awaited<ReturnType<typeof open>>> {
  try {
    return await open(path, openPath | constants.O_NOFOLLOW);
  } catch (cause) {
    throw missing(name, cause);
  }
}

function checkSocket(stats: Stats, name: string, owner: number): void {
  const fault = stats.isSocket()
    ? stats.uid === owner
      ? undefined
      : `its owner is uid ${stats.uid}`
    : `it is ${stats.isSymbolicLink() ? "a link" : "no socket"}`;
  if (fault === undefined) return;
  throw new SandboxError(
    "SOCKET_SUBSTITUTED",
    `Cannot connect to the socket ${quoted(name)}: ${fault}`,
  );
}

function connected(path: string, name: string, signal: AbortSignal | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const abort = (): void => {
      socket.destroy();
      reject(
        signal?.reason instanceof Error ? signal.reason : new Error("The connection was aborted"),
      );
    };
    signal?.addEventListener("abort", abort, { once: true });
    const done = (): void => signal?.removeEventListener("abort", abort);
    socket.once("error", (cause) => {
      done();
      reject(missing(name, cause));
    });
    socket.once("connect", () => {
      done();
      // A plugin that resets the connection must not end the gateway; streams report their end themselves.
      socket.on("error", () => undefined);
      resolve(socket);
    });
  });
}

function missing(name: string, cause: unknown): SandboxError {
  return new SandboxError(
    "SOCKET_MISSING",
    `Cannot connect to the socket ${quoted(name)}: nothing listens there`,
    { cause },
  );
}
