import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { describeWith } from "@sigilrt/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type ApprovalBench, openApprovalBench } from "./testing/approval-bench.ts";
import { httpClient } from "./testing/clients.ts";
import { type RunningGateway, sigil, startGateway } from "./testing/start-gateway.ts";

let bench: ApprovalBench;
beforeEach(async () => {
  bench = await openApprovalBench();
  bench.write("1.0.0", "Counts");
  await bench.sigil("add", bench.source);
});
afterEach(() => bench[Symbol.dispose]());

const uid = process.getuid?.();
/** The gateway, with version 1.0.0 approved before it began. */
async function running(): Promise<RunningGateway> {
  await bench.approve();
  return startGateway(bench.config);
}
async function add(version: string, description: string): Promise<void> {
  bench.write(version, description);
  await bench.sigil("add", bench.source);
}
async function toolsOf(gateway: RunningGateway): Promise<readonly string[]> {
  const client = await httpClient(gateway.address, gateway.token, "2026-07-28");
  const { tools } = await client.listTools();
  await client.close();
  return tools.map(({ name, description }) => `${name}: ${description ?? ""}`);
}
async function stateOf(): Promise<unknown> {
  const { out } = await bench.sigil("list", "--json");
  return JSON.parse(out);
}
const acts = async (): Promise<string> => (await bench.sigil("audit", "tail", "--limit", "40")).out;

describeWith(["bwrap", "prlimit"], "operating a gateway that runs", () => {
  it("starts, shows and stops a plugin, each on record by who did it", async () => {
    await using gateway = await running();
    expect(await stateOf()).toMatchObject([
      { name: "counter", state: "discovered", version: "1.0.0", tier: "process", crashes: 0 },
    ]);
    expect(await bench.sigil("start", "counter")).toEqual({
      code: 0,
      out: "started counter 1.0.0\n",
      err: "",
    });
    expect(await stateOf()).toMatchObject([{ state: "running" }]);
    const { out } = await bench.sigil("inspect", "counter");
    expect(out).toMatch(
      /^counter\n {2}version {3}1\.0\.0\n.*state {5}running\n.*tools {5}count\n {2}granted {3}tool\.counter\.count\n$/su,
    );

    expect((await bench.sigil("stop", "counter")).out).toBe("stopped counter\n");
    expect(await stateOf()).toMatchObject([{ state: "discovered" }]);
    expect(await bench.sigil("inspect", "ghost")).toMatchObject({
      code: 3,
      err: expect.stringContaining('the gateway knows no plugin "ghost"'),
    });
    expect(await gateway.stop()).toBe(0);
    expect(await acts()).toMatch(
      new RegExp(
        `allowed +admin\\.start\\.counter .* by operator:${uid} .*\\n.*plugin\\.started.*\\n.*call\\.completed +\\(started\\) .* by operator:${uid}\\n(?:.*\\n)*.*admin\\.stop\\.counter`,
        "u",
      ),
    );
    expect(await bench.sigil("audit", "verify")).toMatchObject({ code: 0 });
  });

  it("shows what a plugin wrote so that it moves no terminal, and follows it until the gateway stops", async () => {
    await using gateway = await running();
    await bench.sigil("start", "counter");
    const follower = spawn(sigil, ["logs", "counter", "--follow", "--config", bench.config]);
    const errors = text(follower.stderr);
    const ended = once(follower, "close");
    for await (const line of createInterface({ input: follower.stdout })) {
      if (line.includes("ready")) break;
    }
    const { out } = await bench.sigil("logs", "counter");
    expect(out).toMatch(/^\S+Z {2}plugin {2}ready\\u\{1b\}\[2J$/mu);
    const lines = (await bench.sigil("logs", "counter", "--json")).out.split("\n");
    expect(JSON.parse(lines.find((line) => line.includes("ready")) ?? "")).toMatchObject({
      source: "plugin",
      text: "ready\u001b[2J",
    });
    expect(await gateway.stop()).toBe(0);
    expect([await ended, await errors]).toEqual([[0, null], ""]);
  });

  it("replaces nothing by bytes that nobody approved, and says so with exit code 4", async () => {
    await using gateway = await running();
    await bench.sigil("start", "counter");
    bench.write("2.0.0", "Counts, and first reads ~/.ssh/id_rsa");
    cpSync(bench.source, join(bench.folder, "plugins/counter"), { recursive: true });
    const { code, out, err } = await bench.sigil("reload", "counter");
    expect([code, out]).toEqual([4, ""]);
    expect(err).toMatch(/version 2\.0\.0 is not the locked 1\.0\.0; what ran before runs on/u);
    expect(await stateOf()).toMatchObject([{ state: "running", version: "1.0.0" }]);
    expect(await toolsOf(gateway)).toEqual(["counter.count: Counts"]);
    expect(await bench.sigil("reload", "counter", "--json")).toMatchObject({
      code: 4,
      out: expect.stringContaining('"code":"VERIFICATION_FAILED"'),
    });
    expect(await bench.sigil("rollback", "counter")).toMatchObject({
      code: 4,
      err: expect.stringContaining("no other version of it was admitted"),
    });
  });

  it("takes over a version that is approved while it runs, with the approval in its own log", async () => {
    await using gateway = await running();
    expect(await toolsOf(gateway)).toEqual(["counter.count: Counts"]);
    await add("2.0.0", "Counts twice");
    await bench.approve();
    expect(await stateOf()).toMatchObject([{ version: "2.0.0" }]);
    expect(await toolsOf(gateway)).toEqual(["counter.count: Counts twice"]);
    expect(await bench.sigil("rollback", "counter")).toMatchObject({
      code: 4,
      err: expect.stringContaining("lock and approve its bytes"),
    });
    expect(await gateway.stop()).toBe(0);
    expect(await acts()).toMatch(
      /consent\.given.*counter.*by ada\n(?:.*\n)*.*admin\.reload\.counter/u,
    );
    expect(await bench.sigil("audit", "verify")).toMatchObject({ code: 0 });
  });

  it("takes in a plugin that is approved while it runs", async () => {
    await using gateway = await startGateway(bench.config);
    expect(await stateOf()).toEqual([]);
    await bench.approve();
    expect(await stateOf()).toMatchObject([{ name: "counter", version: "1.0.0" }]);
    await bench.sigil("start", "counter");
    expect(await toolsOf(gateway)).toEqual(["counter.count: Counts"]);
  });

  it("records what a person rejects while it runs", async () => {
    await using gateway = await running();
    await add("2.0.0", "Counts more");
    expect(await bench.sigil("reject", "counter", "--user", "ada")).toMatchObject({ code: 0 });
    expect(await toolsOf(gateway)).toEqual(["counter.count: Counts"]);
    expect(await gateway.stop()).toBe(0);
    expect(await acts()).toMatch(/plugin\.refused {2}\(rejected\).*by ada/u);
  });

  it("is out of reach for clients of MCP and their tokens", async () => {
    await using gateway = await running();
    const { origin } = new URL(gateway.address);
    for (const path of ["/v1/plugins", "/mcp/../v1/plugins", "/mcp/v1/plugins"]) {
      // oxlint-disable-next-line no-await-in-loop -- a handful
      const { status } = await fetch(`${origin}${path}`, {
        headers: { authorization: `Bearer ${gateway.token}` },
      });
      expect([401, 403, 404, 405]).toContain(status);
    }
  });

  it("says that none runs, also after one that was killed, whose place the next takes", async () => {
    const absent = { code: 3, err: expect.stringContaining("start it with sigil up") };
    expect(await bench.sigil("list")).toMatchObject(absent);
    const killed = await running();
    killed.child.kill("SIGKILL");
    await once(killed.child, "exit");
    expect(existsSync(join(bench.folder, "data"))).toBe(true);
    expect(await bench.sigil("list")).toMatchObject(absent);
    await using gateway = await startGateway(bench.config);
    expect(gateway.problems).toEqual([]);
    expect(await bench.sigil("start", "counter")).toMatchObject({ code: 0 });
  });

  it.skipIf(uid !== 0)("is closed to every other user, who is told so", async () => {
    await using gateway = await running();
    const other = spawn(sigil, ["stop", "counter", "--config", bench.config], {
      uid: 65_534,
      gid: 65_534,
    });
    const errors = text(other.stderr);
    expect([(await once(other, "close"))[0], await errors]).toEqual([
      3,
      expect.stringMatching(/belongs to another user; run this as that user|EACCES/u),
    ]);
    expect(await gateway.stop()).toBe(0);
    expect(await acts()).not.toContain("admin.stop");
  });

  it("goes on with the first when a second is started on the same folder", async () => {
    await using gateway = await running();
    await expect(startGateway(bench.config)).rejects.toThrow(/holds/u);
    expect(await stateOf()).toMatchObject([{ name: "counter" }]);
    expect(gateway.problems).toEqual([]);
  });

  it("lists a plugin that is refused, with why", async () => {
    await bench.approve();
    bench.write("1.0.0", "Counts otherwise");
    cpSync(bench.source, join(bench.folder, "plugins/counter"), { recursive: true });
    await using gateway = await startGateway(bench.config);
    expect(gateway.problems).toHaveLength(1);
    expect(await stateOf()).toMatchObject([
      { name: "counter", state: "refused", reason: expect.stringContaining("integrity_mismatch") },
    ]);
    expect(await bench.sigil("start", "counter")).toMatchObject({ code: 4 });
    expect(readFileSync(bench.config, "utf8")).toContain("counter");
  });
});
