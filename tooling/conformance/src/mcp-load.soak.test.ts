import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describeWith } from "@sigilrt/testing";
import { count } from "@sigilrt/testing/counts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type McpGateway, openMcpGateway, sigil } from "./mcp-gateway.ts";

const calls = count("gatewayCalls");
const inFlight = 64;
const plugins = ["echo-a", "echo-b", "echo-c", "echo-d", "echo-e"];
const users = Array.from({ length: 20 }, (_, index) => `user-${index}`);
/** What a gateway may keep of ten thousand calls, in bytes: caches that fill, and what the collector has not looked at yet. */
const SLACK = 96 * 1_048_576;

describeWith(["bwrap", "prlimit"], "a gateway under load", () => {
  let gateway: McpGateway;
  let tokens: readonly string[];
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });

  beforeAll(async () => {
    const from = fileURLToPath(new URL("../fixtures/mcp/echo.mjs", import.meta.url));
    gateway = await openMcpGateway({
      servers: Object.fromEntries(plugins.map((name) => [name, { from }])),
      users,
    });
    const made: string[] = [];
    for (const user of users) {
      // oxlint-disable-next-line no-await-in-loop -- twenty processes at once would be a load of their own
      made.push(await gateway.tokenOf(user));
    }
    tokens = made;
  });
  afterAll(async () => {
    agent.destroy();
    await gateway[Symbol.asyncDispose]();
  });

  const call = async (id: number): Promise<unknown> => {
    const said = { id, user: users[id % users.length], padding: "x".repeat(id % 512) };
    const body = JSON.stringify({
      jsonrpc: "2.0",
      id,
      method: "tools/call",
      params: { name: `${plugins[id % plugins.length]}.echo`, arguments: said },
    });
    const headers = {
      authorization: `Bearer ${tokens[id % tokens.length]}`,
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      accept: "application/json, text/event-stream",
    };
    const sent = request(gateway.address, { method: "POST", agent, headers });
    sent.end(body);
    const [response] = await once(sent, "response");
    const answer = await text(response);
    const { id: answered, result } = JSON.parse(
      /^data: (?<json>.*)$/mu.exec(answer)?.[1] ?? answer,
    );
    return [answered, result?.structuredContent, said, answer];
  };
  /** Runs calls from `first` on, 64 at a time, and answers those whose answer is another's or none. */
  const run = async (first: number, amount: number): Promise<readonly unknown[]> => {
    const wrong: unknown[] = [];
    let next = first;
    const caller = async (): Promise<void> => {
      while (next < first + amount) {
        const id = next;
        next += 1;
        // oxlint-disable-next-line no-await-in-loop -- one caller makes one call after the other
        const answer = await call(id);
        const [answered, heard, said, raw] = answer as readonly unknown[];
        if (answered !== id || JSON.stringify(heard) !== JSON.stringify(said)) wrong.push(raw);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, caller));
    return wrong;
  };
  const residentBytes = (): number => {
    const status = readFileSync(`/proc/${gateway.child.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(?<kib>\d+) kB$/mu.exec(status)?.groups?.["kib"]) * 1_024;
  };

  it(`loses, mixes and forgets none of ${calls} calls of 20 users of 5 plugins, 64 at a time`, async () => {
    const warm = Math.max(inFlight, calls / 4);
    expect(await run(0, warm)).toEqual([]);
    const before = residentBytes();
    expect(await run(warm, calls)).toEqual([]);
    const after = residentBytes();
    expect(after - before).toBeLessThan(SLACK);

    const verb = (...args: readonly string[]): string =>
      spawnSync(sigil, [...args, "--config", gateway.config], {
        encoding: "utf8",
        maxBuffer: 1_073_741_824,
      }).stdout;
    expect(verb("audit", "verify")).toMatch(/^verifies: /u);
    const { executed, allowed } = tally(gateway.folder);
    expect([allowed, executed]).toEqual([warm + calls, warm + calls]);
  });
});

/** Counts decisions and ends of calls in the record. */
function tally(folder: string): { readonly allowed: number; readonly executed: number } {
  const { stdout } = spawnSync("sh", ["-c", `cat ${folder}/data/audit/audit-*.jsonl`], {
    encoding: "utf8",
    maxBuffer: 1_073_741_824,
  });
  return {
    allowed: stdout.split('"action":"capability_check"').length - 1,
    executed: stdout.split('"action":"call.completed"').length - 1,
  };
}
