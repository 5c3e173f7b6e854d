import { openEgress } from "./egress-proxy.ts";
import { probeLimits, type ProbeContext, runProbe } from "./probe-start.ts";
import { passed } from "./probes.ts";
import { planRelay } from "./relay-plan.ts";
import { type ProbeResult } from "./report.ts";

// The line of the port that the relay listens on: 127.0.0.1:3128, state 0A.
const script = `while read -r line; do echo "tcp $line"; done < /proc/net/tcp; echo end`;
const listening = /^tcp .* 0100007F:0C38 00000000:0000 0A /m;

/** Starts a program behind the relay, with a proxy that lets nothing through. */
export async function probeRelay(
  context: ProbeContext,
  runtimeDirectory: string,
): Promise<ProbeResult> {
  const { identity, folder } = context;
  try {
    const relay = planRelay(probeLimits, identity, runtimeDirectory);
    const proxy = await openEgress({
      rules: [],
      directory: folder,
      ...(identity.changes ? { owner: identity } : {}),
      resolve: undefined,
      decide: async () => undefined,
      report: async () => undefined,
      expectsRelay: true,
    });
    try {
      const egress = { mounts: [], masks: [], egress: folder };
      const output = await runProbe(script, context, egress, relay);
      if (!listening.test(output) || !output.endsWith("end\n")) {
        return degraded("the relay did not come up");
      }
      if (!(await proxy.relay.isDone())) return degraded("the relay died");
      return passed("relay", "programs behind it reach the proxy, and nothing else");
    } finally {
      await proxy.close();
    }
  } catch (error) {
    return degraded(error instanceof Error ? error.message : "unknown");
  }
}

function degraded(detail: string): ProbeResult {
  const remedy =
    "Let plugins run the Node that runs this process: its folders searchable, its file readable";
  return { name: "relay", status: "degraded", detail, remedy };
}
