import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProcessHostError } from "./process-host-error.ts";

/** A directory of one start; nobody but its user can enter it. */
export interface PrivateDirectory {
  /** Its path, free of symbolic links. */
  readonly path: string;
  /** A folder inside it that serves as the plugin's temporary folder. */
  readonly temporary: string;
  /** Removes it with all that lies in it. */
  remove(): Promise<void>;
}

/** A socket's path ends at 103 bytes on some systems; this much is left for the names a plugin chooses inside. */
const LONGEST_BASE_BYTES = 68;

/** Makes a fresh directory of mode 0700. */
export async function makePrivateDirectory(): Promise<PrivateDirectory> {
  try {
    const path = await mkdtemp(join(await realpath(tmpdir()), "sigil-"));
    const temporary = join(path, "tmp");
    const remove = (): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 3 });
    if (Buffer.byteLength(path) > LONGEST_BASE_BYTES) {
      await remove();
      throw new RangeError(
        `the path of the temporary folder is longer than ${LONGEST_BASE_BYTES} bytes`,
      );
    }
    await mkdir(temporary, { mode: 0o700 });
    return { path, temporary, remove };
  } catch (error) {
    throw new ProcessHostError(
      "SOCKET_DIR_FAILED",
      `Cannot make a private socket folder: ${error instanceof Error ? error.message : "unknown reason"}; set TMPDIR of the host to a short, writable folder`,
      { cause: error, phase: "prepare" },
    );
  }
}
