import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { join } from "node:path";
import type { StartSpec } from "@sigilrt/lifecycle";
import type { WasmLimits } from "./limits.ts";
import { WasmError } from "./wasm-error.ts";

/** Reads the module that a spec names: a regular file inside its root, reached without a link. @throws {@link WasmError} */
export async function readEntry(
  { root, entry }: StartSpec,
  limits: Pick<WasmLimits, "module_bytes">,
): Promise<Uint8Array> {
  if (!("module" in entry)) throw unreadable("the entry is a command and no module");
  const segments = entry.module.split("/");
  // A path that climbs or is spelled oddly would name a file that nobody verified.
  if (segments.some((segment) => segment === "" || segment === "." || segment === "..")) {
    throw unreadable("the path of the module is not plain");
  }
  let path = root;
  for (const segment of segments.slice(0, -1)) {
    path = join(path, segment);
    // oxlint-disable-next-line no-await-in-loop -- each folder lies in the one before
    const found = await lstat(path).catch((cause: unknown) => {
      throw unreadable("a folder of it is missing", cause);
    });
    if (!found.isDirectory()) throw unreadable("a folder of it is a link or a file");
  }
  return await readRegularFile(join(path, segments.at(-1) ?? ""), limits);
}

async function readRegularFile(
  path: string,
  { module_bytes: most }: Pick<WasmLimits, "module_bytes">,
): Promise<Uint8Array> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((cause: unknown) => {
    throw unreadable("it is missing or a link", cause);
  });
  try {
    const found = await file.stat();
    if (!found.isFile()) throw unreadable("it is no regular file");
    if (found.size > most) {
      const message = `Cannot read a module: ${found.size} bytes pass the limit module_bytes of ${most}; build it smaller`;
      throw new WasmError("LIMIT", "load", message, { limit: "module_bytes" });
    }
    return new Uint8Array(await file.readFile());
  } finally {
    await file.close();
  }
}

const unreadable = (found: string, cause?: unknown): WasmError =>
  new WasmError(
    "COMPILE_FAILED",
    "load",
    `Cannot read the module of a plugin: ${found}; see its manifest`,
    {
      cause,
    },
  );
