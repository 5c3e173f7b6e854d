import { CapabilitySet } from "@sigilrt/capability";
import { createMemoryAuditStore, Enforcer } from "@sigilrt/enforcer";
import type { EgressDecision } from "@sigilrt/sandbox";
import { describe, expect, it } from "vitest";
import { egressRecorder } from "./egress-recorder.ts";

const decision: EgressDecision = {
  plugin: "weather",
  policy: "0",
  protocol: "connect",
  host: "api.example.org",
  port: 443,
  outcome: "allowed",
  reason: "granted",
};
const ada = { user: "ada", workspace: "studio" };

async function recorder(workspaceAllow: readonly string[]) {
  const clock = { now: () => 0 };
  const audit = createMemoryAuditStore({ maxRecords: 100 });
  const enforcer = new Enforcer(audit, clock);
  await enforcer.registerPlugin("weather", {
    allow: ["net.connect.api.example.org:443"],
    deny: [],
  });
  const lines: string[] = [];
  const everything = CapabilitySet.from(["*"]);
  const record = egressRecorder({
    enforcer,
    log: (line) => void lines.push(line),
    principals: {
      find: (owner) => ({
        ...owner,
        workspaceAllow: CapabilitySet.from(workspaceAllow),
        permissions: everything,
      }),
    },
  });
  return { audit, lines, record };
}

describe("a connection of a contained plugin", () => {
  it("is on record as a check for the person it is made for", async () => {
    const { audit, record, lines } = await recorder(["net.connect.*"]);
    await record(decision, ada);
    expect(lines).toEqual([]);
    const { records } = await audit.query({ action: "capability_check" });
    expect(records).toMatchObject([
      {
        actor: "ada",
        workspace: "studio",
        plugin: "weather",
        capability: "net.connect.api.example.org:443",
        result: "allowed",
      },
    ]);
  });

  it("is refused when that person's workspace does not allow it now", async () => {
    const { record } = await recorder(["tool.*"]);
    await expect(record(decision, ada)).rejects.toThrow("api.example.org:443");
    // The proxy has denied this one already: it is on record, and that is all.
    await record({ ...decision, outcome: "denied" }, ada);
  });

  it("stands in the operator's log when nobody in particular makes it", async () => {
    const { record, lines } = await recorder([]);
    await record(decision, undefined);
    await record({ ...decision, host: "2001:db8::1" }, {});
    await record({ ...decision, outcome: "malformed", host: null, port: null }, ada);
    expect(lines).toEqual([
      "plugin weather: connects to api.example.org:443",
      "plugin weather: connects to [2001:db8::1]:443",
    ]);
  });
});
