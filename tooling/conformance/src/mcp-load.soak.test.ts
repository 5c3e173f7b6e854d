import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
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
/** A gateway that kept what its calls leave, some 20 KiB each, would not fit into this heap after ten thousand of them, and would end. */
const HEAP_MIB = 160;

/** What a call is answered whose decision could not be recorded in time. */
const UNRECORDED = '"decisionId":"unrecorded"';

interface Called {
  readonly answered: unknown;
  readonly heard: unknown;
  readonly said: object;
  readonly raw: string;
}
interface Tally {
  right: number;
  unrecorded: number;
  readonly wrong: string[];
}

describeWith(["bwrap", "prlimit"], "a gateway under load", () => {
  let gateway: McpGateway;
  let tokens: readonly string[];
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });

  beforeAll(async () => {
    const from = fileURLToPath(new URL("../fixtures/mcp/echo.mjs", import.meta.url));
    gateway = await openMcpGateway({
      servers: Object.fromEntries(plugins.map((name) => [name, { from }])),
      users,
      heapMiB: HEAP_MIB,
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

  const call = async (id: number): Promise<Called> => {
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
    return { answered, heard: result?.structuredContent, said, raw: answer };
  };
  /** Runs calls from `first` on, 64 at a time: how many were answered rightly, how many refused because no record could be made in time. */
  const run = async (first: number, amount: number): Promise<Tally> => {
    const tally: Tally = { right: 0, unrecorded: 0, wrong: [] };
    let next = first;
    const caller = async (): Promise<void> => {
      while (next < first + amount) {
        const id = next;
        next += 1;
        // oxlint-disable-next-line no-await-in-loop -- one caller makes one call after the other
        const { answered, heard, said, raw } = await call(id);
        if (answered === id && JSON.stringify(heard) === JSON.stringify(said)) tally.right += 1;
        else if (answered === id && raw.includes(UNRECORDED)) tally.unrecorded += 1;
        else tally.wrong.push(raw);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, caller));
    return tally;
  };
  it(`loses, mixes and forgets none of ${calls} calls of 20 users of 5 plugins, 64 at a time`, async () => {
    const warm = Math.max(inFlight, calls / 4);
    const first = await run(0, warm);
    const second = await run(warm, calls);
    expect([first.wrong, second.wrong]).toEqual([[], []]);
    const right = first.right + second.right;
    // A busy disk may refuse some: without a record nothing runs. Each of the others ran once.
    expect(right + first.unrecorded + second.unrecorded).toBe(warm + calls);
    expect(right).toBeGreaterThan(inFlight);
    expect(gateway.child.exitCode).toBeNull();

    const verb = (...args: readonly string[]): string =>
      spawnSync(sigil, [...args, "--config", gateway.config], {
        encoding: "utf8",
        maxBuffer: 1_073_741_824,
      }).stdout;
    expect(verb("audit", "verify")).toMatch(/^verifies: /u);
    expect(completedIn(gateway.folder)).toBe(right);
  });
});

/** Counts the ends of calls in the record. */
function completedIn(folder: string): number {
  const audit = join(folder, "data/audit");
  const parts = readdirSync(audit).filter((name) => name.endsWith(".jsonl"));
  const record = parts.map((name) => readFileSync(join(audit, name), "utf8")).join("");
  return record.split('"action":"call.completed"').length - 1;
}
