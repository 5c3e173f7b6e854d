import { existsSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { chmod, mkdir, symlink } from "node:fs/promises";
import { dirname } from "node:path";
import { type Mount } from "./mount.ts";
import { type ProbeContext, runProbe } from "./probe-start.ts";
import { type ProbeResult, type SandboxReport } from "./report.ts";
import { type ProbeName, SandboxError, type SandboxErrorCode } from "./sandbox-error.ts";

const namespaces = ["user", "pid", "net", "ipc", "uts", "cgroup"];

// Opens for appending and writes nothing: no setting of the host changes, whatever the answer.
const script = `
for n in ${namespaces.join(" ")}; do echo "ns $n $(/usr/bin/readlink /proc/self/ns/$n)"; done
while read -r line; do echo "status $line"; done < /proc/self/status
while read -r line; do echo "net $line"; done < /proc/net/dev
if (: >> /proc/sys/kernel/core_pattern) 2>/dev/null; then echo "core open"; else echo "core closed"; fi
IFS= read -r line < /proc/1/environ; echo "environ [$line]"
if /usr/bin/unshare --user /bin/sh -c : 2>/dev/null; then echo "userns open"; else echo "userns closed"; fi
echo end
`;

/** Starts a hardened sandbox once and looks at it from inside. Every row is fatal when it fails. */
export async function probeInside(context: ProbeContext): Promise<readonly ProbeResult[]> {
  const unshare = `${dirname(context.prlimit)}/unshare`;
  try {
    const mounts = [program("/usr/bin/readlink"), program(unshare, "/usr/bin/unshare")];
    const output = await runProbe(script, context, { mounts, masks: [] });
    return judge(output.split("\n"), context.identity.uid);
  } catch (error) {
    return [startFailure(error)];
  }
}

/**
 * Performs the attack on nested mounts in a folder of its own: a link in a writable folder leads out of it, and a
 * mount is asked for behind the link. A launcher that follows it creates a folder where none may appear. Beside it
 * stands a mount without a link, whose folder must appear: otherwise the attack was not tried.
 */
export async function probeNestedMounts(
  context: ProbeContext,
): Promise<{ readonly row: ProbeResult; readonly answer: SandboxReport["nestedMounts"] }> {
  const granted = `${context.folder}/granted`;
  const outside = `${context.folder}/outside`;
  await Promise.all([granted, outside].map((folder) => makeOpenFolder(folder)));
  await symlink(`/oldroot${outside}`, `${granted}/sub`);
  const mount: Mount = {
    source: granted,
    target: "/granted",
    mode: "rw",
    kind: "directory",
    origin: "grant",
  };
  await runProbe(":", context, {
    mounts: [mount],
    masks: [
      { target: "/granted/plain", kind: "directory" },
      { target: "/granted/sub/made", kind: "directory" },
    ],
  }).catch(() => undefined);
  if (existsSync(`${outside}/made`)) {
    const detail =
      "bwrap follows links in a granted folder: masks and mounts inside grants are refused";
    return { answer: "unsafe", row: degraded(detail) };
  }
  if (!existsSync(`${granted}/plain`)) {
    const detail = "the attack could not be tried: masks and mounts inside grants are refused";
    return { answer: "unknown", row: degraded(detail) };
  }
  return { answer: "safe", row: passed("nestedMounts", "stay inside the granted folder") };
}

/** A row for an error of this package. */
export function failed(
  name: ProbeName,
  code: SandboxErrorCode,
  detail: string,
  remedy: string | undefined,
): ProbeResult {
  return { name, status: "failed", code, detail, ...(remedy === undefined ? {} : { remedy }) };
}

/** A row for what was found in order. */
export function passed(name: ProbeName, detail: string): ProbeResult {
  return { name, status: "passed", detail };
}

function degraded(detail: string): ProbeResult {
  const remedy = "Install a bubblewrap with the fix of CVE-2026-87766";
  return { name: "nestedMounts", status: "degraded", detail, remedy };
}

// The folder around it is closed to everyone else; the identity that tries must be able to write here.
async function makeOpenFolder(path: string): Promise<void> {
  await mkdir(path);
  await chmod(path, 0o777);
}

function startFailure(error: unknown): ProbeResult {
  const detail = error instanceof Error ? error.message : "unknown";
  if (!(error instanceof SandboxError))
    return failed("namespaces", "PROBE_FAILED", detail, undefined);
  if (error.code !== "LAUNCH_FAILED") return failed("namespaces", error.code, detail, error.remedy);
  return failed("namespaces", "USERNS_BLOCKED", detail, usernsRemedy());
}

function judge(lines: readonly string[], uid: number): readonly ProbeResult[] {
  const field = (name: string): string =>
    lines.find((line) => line.startsWith(`status ${name}:`))?.split(/\s+/)[2] ?? "";
  const shared = namespaces.filter((name) => !lines.some((line) => isFresh(line, name)));
  const interfaces = lines.flatMap((line) => /^net (\S+):/.exec(line)?.[1] ?? []);
  const faults = [
    ...(lines.includes("end") ? [] : ["the probe did not come to its end"]),
    ...shared.map((name) => `the ${name} namespace is the host's`),
    ...(interfaces.join() === "lo" ? [] : ["there is an interface beside lo"]),
    ...(/^0+$/.test(field("CapBnd")) ? [] : ["capabilities are left"]),
    ...(field("NoNewPrivs") === "1" ? [] : ["privileges can be gained"]),
  ];
  return [
    row(
      "namespaces",
      faults.length === 0,
      "six of its own, only lo, no capability",
      faults.join(", "),
    ),
    row(
      "usernsDisabled",
      lines.includes("userns closed"),
      "refused inside",
      "a program could make a new one",
    ),
    row(
      "procReadOnly",
      lines.includes("core closed"),
      "kernel settings are closed",
      "core_pattern can be written",
    ),
    row(
      "environment",
      lines.includes("environ []"),
      "process 1 has none",
      "that of process 1 can be read",
    ),
    row(
      "identity",
      field("Uid") === String(uid),
      `plugins run as uid ${uid}`,
      `plugins run as uid ${field("Uid")}`,
    ),
  ];
}

function row(name: ProbeName, isSound: boolean, sound: string, fault: string): ProbeResult {
  return isSound ? passed(name, sound) : failed(name, "PROBE_FAILED", fault, undefined);
}

function isFresh(line: string, name: string): boolean {
  const inside = new RegExp(`^ns ${name} (${name}:\\[[0-9]+\\])$`).exec(line)?.[1];
  return inside !== undefined && inside !== readlinkSync(`/proc/self/ns/${name}`);
}

function program(path: string, target = path): Mount {
  if (!existsSync(path)) {
    throw new SandboxError("TOOL_MISSING", `Cannot probe: nothing is at ${path}`, {
      remedy: "Install coreutils and util-linux",
    });
  }
  return { source: realpathSync.native(path), target, mode: "ro", kind: "file", origin: "grant" };
}

function usernsRemedy(): string {
  if (setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") === "1") {
    return "Give bwrap an AppArmor profile that allows userns, or set kernel.apparmor_restrict_unprivileged_userns=0";
  }
  if (setting("/proc/sys/kernel/unprivileged_userns_clone") === "0") {
    return "Set the sysctl kernel.unprivileged_userns_clone=1";
  }
  if (setting("/proc/sys/user/max_user_namespaces") === "0") {
    return "Set the sysctl user.max_user_namespaces to more than 0";
  }
  return "In a container, allow user namespaces and an unmasked /proc: --security-opt seccomp=unconfined --security-opt systempaths=unconfined";
}

function setting(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1").trim();
  } catch {
    return undefined;
  }
}
