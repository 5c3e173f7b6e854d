import { appendFileSync, chmodSync, cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "@sigilrt/cli";
import { describeWith } from "@sigilrt/testing";
import { expect, it } from "vitest";
import {
  makeGatewayFolder,
  runSigilCommand,
  sample,
  startGateway,
} from "./testing/start-gateway.ts";

const doctor = async (
  config: string,
): Promise<{ readonly code: number | null; readonly findings: readonly Finding[] }> => {
  const { code, out } = await runSigilCommand("doctor", "--json", "--config", config);
  return { code, findings: JSON.parse(out) as readonly Finding[] };
};
const of = (findings: readonly Finding[], subject: string): Finding | undefined =>
  findings.find((finding) => finding.subject === subject);

describeWith(["bwrap", "prlimit"], "sigil doctor", () => {
  it("names what holds: each probe, the store, the lock, the keys", async () => {
    await using folder = makeGatewayFolder({ plugins: ["text"] });
    const { code, findings } = await doctor(folder.config);
    expect(code).toBe(0);
    expect(findings.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(["sandbox, bwrap", "sandbox, namespaces", "store", "lock", "keys"]),
    );
    expect(findings.filter(({ state }) => state === "failed")).toEqual([]);
    // As root the store belongs to another user than the plugins; as an ordinary user it does not.
    const detail = process.getuid?.() === 0 ? "is prevented" : "is detected before they run";
    expect(of(findings, "store")?.detail).toContain(detail);
  });

  it("fails, and says what to do, when a plugin is not what was approved", async () => {
    await using folder = makeGatewayFolder({ plugins: [] });
    const plugin = join(folder.folder, "text");
    cpSync(sample("text"), plugin, { recursive: true });
    appendFileSync(join(plugin, "plugin.yaml"), "# changed\n");
    await using changed = makeGatewayFolder({ plugins: ["text"], folders: { text: plugin } });
    const { code, findings } = await doctor(changed.config);
    expect(code).toBe(3);
    expect(of(findings, "lock")).toEqual({
      subject: "lock",
      state: "failed",
      detail: "text: integrity_mismatch",
      remedy: "sigil lock verify says more",
    });
  });

  it("fails when others can read the key that signs the log", async () => {
    await using folder = makeGatewayFolder({ plugins: ["text"] });
    await (await startGateway(folder.config)).stop();
    chmodSync(join(folder.data, "keys/audit.pem"), 0o644);
    const { code, findings } = await doctor(folder.config);
    expect(code).toBe(3);
    expect(of(findings, "keys")).toMatchObject({
      state: "failed",
      detail: expect.stringContaining("mode 644"),
    });
  });

  it("is one line about a configuration that it cannot read", async () => {
    await using folder = makeGatewayFolder({ plugins: [] });
    writeFileSync(folder.config, "data: [");
    const { code, err } = await runSigilCommand("doctor", "--config", folder.config);
    expect(code).toBe(3);
    expect(err).toContain("gateway.yaml");
  });
});
