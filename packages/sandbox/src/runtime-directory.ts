import { chmodSync, lstatSync, mkdirSync, realpathSync } from "node:fs";
import { type Identity } from "./identity.ts";
import { checkPath } from "./paths.ts";
import { quoted } from "./quoted.ts";
import { blockedAt } from "./reachability.ts";
import { SandboxError } from "./sandbox-error.ts";

const maxBytes = 60;
const searchable = 0o711;
const search = 1;

/**
 * Makes the folder in which sockets and placed runtimes lie, or looks whether it can be trusted.
 * @throws {SandboxError} PATH_REFUSED
 */
export function prepareRuntimeDirectory(path: string, own: number, identity: Identity): void {
  checkPath(path, "the runtime directory");
  if (Buffer.byteLength(path) > maxBytes)
    refuse(path, `it is over ${maxBytes} bytes`, "choose a shorter one");
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) make(path);
  const stats = lstatSync(path);
  if (!stats.isDirectory() || realpathSync.native(path) !== path) {
    refuse(path, "it is no folder, or a link leads to it", "name a real folder");
  }
  if (stats.uid !== own) refuse(path, `its owner is uid ${stats.uid}`, "make a folder of your own");
  if ((stats.mode & 0o066) !== 0) refuse(path, "others may read or write it", "chmod 0711 it");
  const blocked = blockedAt(path, search, identity);
  if (blocked === undefined) return;
  refuse(
    path,
    `uid ${identity.uid} is kept out by ${quoted(blocked, 256)}`,
    "chmod 0711 that folder",
  );
}

function make(path: string): void {
  try {
    mkdirSync(path, { mode: searchable });
    // The mask of the process may have taken bits away.
    chmodSync(path, searchable);
  } catch (cause) {
    throw new SandboxError(
      "PATH_REFUSED",
      `Cannot make the runtime directory ${quoted(path, 256)}: the folder above is missing or closed`,
      { cause, remedy: "Create it with mode 0711", failed: ["identity"] },
    );
  }
}

function refuse(path: string, fault: string, remedy: string): never {
  throw new SandboxError(
    "PATH_REFUSED",
    `Cannot use the runtime directory ${quoted(path, 256)}: ${fault}; ${remedy}`,
    { remedy, failed: ["identity"] },
  );
}
