import { realpathSync, statSync, type Stats } from "node:fs";
import { quoted } from "./quoted.ts";
import { SandboxError } from "./sandbox-error.ts";

/** A program of the system that this package runs. */
export interface ToolName {
  readonly name: "bwrap" | "prlimit" | "strace";
  readonly package: string;
}

/** The tools, by the package of Debian that has them. */
export const toolNames = {
  bwrap: { name: "bwrap", package: "bubblewrap" },
  prlimit: { name: "prlimit", package: "util-linux" },
  strace: { name: "strace", package: "strace" },
} as const satisfies Record<string, ToolName>;

const setId = 0o6000;
const writableByOthers = 0o022;

/**
 * Answers the real path of a tool that nobody but root and this process's user can change. PATH is never searched.
 * @throws {SandboxError} TOOL_MISSING, TOOL_REFUSED
 */
export function checkTool(path: string, { name, package: debian }: ToolName): string {
  const remedy = `Install it: apt-get install -y --no-install-recommends ${debian}`;
  if (!path.startsWith("/")) {
    throw new SandboxError(
      "TOOL_REFUSED",
      `Cannot use ${name} at ${quoted(path)}: the path is not absolute`,
      {
        remedy: `Name the absolute path of ${name}`,
        failed: [name],
      },
    );
  }
  const found = look(path);
  if (found === undefined) {
    throw new SandboxError(
      "TOOL_MISSING",
      `Cannot use ${name}: nothing is at ${quoted(path, 256)}`,
      {
        remedy,
        failed: [name],
      },
    );
  }
  const fault = toolFault(found.stats);
  if (fault === undefined) return found.real;
  throw new SandboxError(
    "TOOL_REFUSED",
    `Cannot use ${name} at ${quoted(found.real, 256)}: ${fault}`,
    {
      remedy: `Install ${debian} from the distribution, owned by root and without set-user-id`,
      failed: [name],
    },
  );
}

function look(path: string): { readonly real: string; readonly stats: Stats } | undefined {
  try {
    const real = realpathSync.native(path);
    return { real, stats: statSync(real) };
  } catch {
    return undefined;
  }
}

function toolFault(stats: Stats): string | undefined {
  const { mode, uid } = stats;
  if (!stats.isFile()) return "it is no regular file";
  if ((mode & setId) !== 0) return "it is set-user-id or set-group-id";
  if ((mode & writableByOthers) !== 0) return "group or others may write it";
  return uid === 0 || uid === process.getuid?.() ? undefined : `its owner is uid ${uid}`;
}
