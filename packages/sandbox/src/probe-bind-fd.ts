import { closeSync } from "node:fs";
import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { openEntry } from "./open-entry.ts";
import { type ProbeContext, runProbe } from "./probe-start.ts";
import { passed } from "./probes.ts";
import { type ProbeResult } from "./report.ts";

/**
 * Opens a folder, puts another in its place and has bwrap bind what was opened: a source that somebody exchanges between the look
 * at it and the start must not be shown. A bwrap without the option fails to start, which is told.
 */
export async function probeBindFd(context: ProbeContext): Promise<ProbeResult> {
  const place = `${context.folder}/bound`;
  await makeFolder(place, "opened");
  const opened = openEntry(place);
  try {
    await rename(place, `${context.folder}/moved`);
    await makeFolder(place, "exchanged");
    const output = await runProbe('IFS= read -r line < /bound/which; echo "[$line]"', context, {
      mounts: [{ source: place, target: "/bound", mode: "ro", kind: "directory", origin: "grant" }],
      masks: [],
      sources: [opened],
    }).catch(() => "");
    if (output === "[opened]\n")
      return passed("bindFd", "sources are bound as they were looked at");
    const detail = "this bwrap binds by path alone: a source could be exchanged before the start";
    const remedy = "Install bubblewrap 0.10 or newer, or one with --bind-fd";
    return { name: "bindFd", status: "degraded", detail, remedy };
  } finally {
    closeSync(opened);
  }
}

// Whoever the plugins run as has to read it, whatever mask of modes this process has.
async function makeFolder(path: string, content: string): Promise<void> {
  await mkdir(path);
  await chmod(path, 0o755);
  await writeFile(`${path}/which`, `${content}\n`);
  await chmod(`${path}/which`, 0o644);
}
