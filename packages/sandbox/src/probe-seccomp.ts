import { type ProbeContext, runProbe } from "./probe-start.ts";
import { probeProgram } from "./probe-program.ts";
import { failed, passed } from "./probes.ts";
import { type ProbeResult } from "./report.ts";
import { type SeccompProgram } from "./seccomp-compile.ts";

const folder = "/run/sigil/probe";
// Without a filter ptrace succeeds and clone3 complains about its missing argument.
const calls = { refused: "ptrace", missing: "clone3" };
const answers = { refused: 1, missing: 38 };

const script = `
while read -r line; do echo "status $line"; done < /proc/self/status
for n in refused missing; do ${folder}/$n; echo "$n $?"; done
echo end
`;

/** Starts a sandbox under the filter once and makes a call of each answer inside. */
export async function probeSeccomp(
  context: ProbeContext,
  { arch, bytes, digest }: SeccompProgram,
): Promise<ProbeResult> {
  const programs = Object.entries(calls).map(([name, call]) => ({
    target: `${folder}/${name}`,
    content: probeProgram(arch, call),
  }));
  try {
    const output = await runProbe(script, context, {
      mounts: [],
      masks: [],
      filter: bytes,
      programs,
    });
    const fault = faultOf(output.split("\n"));
    if (fault === undefined) return passed("seccomp", `${arch} filter ${digest.slice(0, 12)}`);
    return unavailable(fault);
  } catch (error) {
    return unavailable(error instanceof Error ? error.message : "unknown");
  }
}

function faultOf(lines: readonly string[]): string | undefined {
  if (!lines.includes("end")) return "a program under the filter did not come to its end";
  const mode = lines.flatMap((line) => /^status Seccomp:\s+([0-9]+)$/.exec(line)?.[1] ?? []);
  if (mode.join() !== "2") return "no filter is in force inside";
  const wrong = Object.entries(answers).find(([name, code]) => !lines.includes(`${name} ${code}`));
  return wrong === undefined ? undefined : "the filter in force does not answer as it should";
}

function unavailable(detail: string): ProbeResult {
  return failed(
    "seccomp",
    "SECCOMP_UNAVAILABLE",
    detail,
    "Run a kernel with CONFIG_SECCOMP_FILTER, and in a container one that lets processes install filters",
  );
}
