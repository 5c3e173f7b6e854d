import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LearnReport } from "@sigilrt/manager";
import { describeWith } from "@sigilrt/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type ApprovalBench, openApprovalBench } from "./testing/approval-bench.ts";

/** An MCP server that does what its calls say. */
const server = `
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { spawnSync } from "node:child_process";
const acts = {
  read: ({ path }) => readFileSync(path, "utf8"),
  save: ({ path }) => writeFileSync(path, "saved") ?? "saved",
  ask: ({ url }) => fetch(url).then(({ status }) => String(status)),
  run: ({ program }) => spawnSync(program).error?.message ?? "ran",
};
const tools = Object.keys(acts).map((name) => ({ name, description: name, inputSchema: { type: "object" } }));
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "s", version: "1" } }),
  ping: () => ({}),
  "tools/list": () => ({ tools }),
  async "tools/call"({ name, arguments: given }) {
    try {
      return { content: [{ type: "text", text: await acts[name](given) }] };
    } catch (error) {
      return { isError: true, content: [{ type: "text", text: error.message }] };
    }
  },
};
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result: await answers[method](params) }) + "\\n");
}
`;

let bench: ApprovalBench;
/** A folder of the host that no sandbox has one of its own of. */
let shelf: string;
beforeEach(async () => {
  bench = await openApprovalBench();
  bench.write("1.0.0", "unused");
  writeFileSync(join(bench.source, "main.mjs"), server);
  shelf = mkdtempSync("/var/tmp/learn-");
  chmodSync(shelf, 0o755);
  mkdirSync(join(shelf, "notes"));
  mkdirSync(join(shelf, "out"));
  chmodSync(join(shelf, "out"), 0o777);
  for (const name of ["a", "b", "c"]) writeFileSync(join(shelf, "notes", name), `note ${name}`);
  await bench.sigil("add", bench.source);
});
afterEach(() => {
  bench[Symbol.dispose]();
  rmSync(shelf, { recursive: true });
});

/** Runs the plugin that waits, with calls. */
async function learn(
  calls: readonly (readonly [tool: string, given: Record<string, string>])[],
  ...more: readonly string[]
): Promise<LearnReport> {
  const scenario = join(bench.folder, "scenario.json");
  writeFileSync(
    scenario,
    JSON.stringify({ calls: calls.map(([tool, given]) => ({ tool, arguments: given })) }),
  );
  const options = ["--learn", "--scenario", scenario, "--json", ...more];
  const { code, out, err } = await bench.sigil("run", "counter", ...options);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const report: LearnReport = JSON.parse(out);
  return report;
}

describeWith(["bwrap", "prlimit", "strace"], "sigil run --learn", () => {
  it("proposes what an unknown server needs, which then works after a person approved it", async () => {
    const calls = [
      ["read", { path: join(shelf, "notes/a") }],
      ["save", { path: join(shelf, "out/new") }],
    ] as const;
    const first = await learn(calls);
    expect(first.calls.map(({ outcome }) => outcome)).toEqual(["error", "error"]);
    expect(first.proposed.map(({ pattern }) => pattern)).toEqual([
      `filesystem.read.${shelf}/notes/a`,
      `filesystem.write.${shelf}/out/*`,
    ]);

    await learn(calls, "--write");
    const again = await learn(calls);
    expect(again).toMatchObject({
      proposed: [],
      calls: [
        { outcome: "ok", message: "note a" },
        { outcome: "ok", message: "saved" },
      ],
    });
    expect(readFileSync(join(shelf, "out/new"), "utf8")).toBe("saved");

    const { out } = await bench.sigil("review", "counter");
    expect(out).toContain(
      `  files     a folder of its own; reads ${shelf}/notes/a; reads and changes everything below ${shelf}/out/\n`,
    );
    expect(out).toContain(
      `may read ${shelf}/notes/a  (filesystem.read.${shelf}/notes/a; "learnt: `,
    );
    await bench.approve();
    expect(await bench.sigil("lock", "verify")).toMatchObject({ code: 0 });
  });

  it("tells of hosts, programs and neighbours, makes no connection, and changes nothing by itself", async () => {
    const manifest = join(bench.folder, "data/staged/counter/tree/plugin.yaml");
    const before = readFileSync(manifest, "utf8");
    const { proposed } = await learn([
      ["ask", { url: "https://api.example.org/v1" }],
      ["run", { program: "git" }],
      ["read", { path: join(shelf, "notes/a") }],
      ["read", { path: join(shelf, "notes/b") }],
      ["read", { path: join(shelf, "notes/c") }],
    ]);
    expect(proposed).toMatchObject([
      { pattern: "exec.run./usr/bin/git", isWidened: false },
      { pattern: `filesystem.read.${shelf}/notes/*`, isWidened: true },
      { pattern: "net.connect.api.example.org:443", isWidened: false },
    ]);
    expect(readFileSync(manifest, "utf8")).toBe(before);
    expect((await bench.sigil("audit", "tail", "--json")).out).not.toContain("consent");
  });

  it("never proposes what no grant may open: the gateway's data, the kernel, folders of the host's programs", async () => {
    const { proposed, ungrantable } = await learn([
      ["read", { path: join(bench.folder, "data/keys/audit.key") }],
      ["read", { path: "/run/dbus/system_bus_socket" }],
      ["save", { path: "/etc/cron.d/evil" }],
      ["read", { path: "/root/.ssh/id_ed25519" }],
    ]);
    expect(proposed.filter(({ pattern }) => !pattern.includes("/root/"))).toEqual([]);
    expect(ungrantable).toContainEqual({
      evidence: "tried to create /etc/cron.d/evil (while save ran)",
      reason: expect.stringContaining("programs of the host stand in"),
    });
  });

  it("is read in half a minute, and shows hostile names as text", async () => {
    const hostile = join(shelf, "notes", "x\u001B[2J\u202Eevil");
    writeFileSync(hostile, "x");
    const scenario = join(bench.folder, "scenario.json");
    writeFileSync(
      scenario,
      JSON.stringify({ calls: [{ tool: "read", arguments: { path: hostile } }] }),
    );
    const { out } = await bench.sigil("run", "counter", "--learn", "--scenario", scenario);
    expect(out).not.toContain("\u001B");
    expect(out).not.toContain("\u202E");
    expect(out).toContain("refused, and cannot be granted");
    expect(out.split("\n").length).toBeLessThan(40);
  });

  it("refuses a run without --learn, a scenario that is none, and writing to a plugin that does not wait", async () => {
    expect(await bench.sigil("run", "counter")).toMatchObject({ code: 2 });
    const broken = join(bench.folder, "broken.json");
    writeFileSync(broken, '{"calls": [{"tool": 7}]}');
    expect(await bench.sigil("run", "counter", "--learn", "--scenario", broken)).toMatchObject({
      code: 2,
      err: expect.stringContaining("calls.0.tool"),
    });
    expect(await bench.sigil("run", "nobody", "--learn")).toMatchObject({
      code: 3,
      err: expect.stringContaining('Cannot find plugin "nobody"'),
    });
    await bench.approve();
    expect(await bench.sigil("run", "counter", "--learn", "--write")).toMatchObject({
      code: 2,
      err: expect.stringContaining("does not wait for a review"),
    });
  });
});
