import { text } from "node:stream/consumers";
import { Readable } from "node:stream";
import type { PluginLine } from "@sigilrt/cli";
import { describe, expect, it } from "vitest";
import { createPluginLogs, type PluginLogs } from "./plugin-logs.ts";

const clock = { now: () => 0 };
const live = new AbortController().signal;

async function kept(logs: PluginLogs, plugin = "demo"): Promise<readonly PluginLine[]> {
  const lines: PluginLine[] = [];
  for await (const line of logs.read(plugin, { follow: false, signal: live })) lines.push(line);
  return lines;
}

async function written(logs: PluginLogs, ...chunks: readonly (string | Buffer)[]): Promise<string> {
  return text(Readable.from(chunks.map((chunk) => Buffer.from(chunk))).pipe(logs.tap("demo")));
}

describe("the logs of plugins", () => {
  it("pass everything on as it was, and keep its lines, whatever the pieces it comes in", async () => {
    const logs = createPluginLogs(clock);
    const euro = Buffer.from("€\n");
    const all = await written(
      logs,
      "on",
      "e\n\ntw",
      "o\n",
      euro.subarray(0, 1),
      euro.subarray(1),
      "end",
    );
    expect(all).toBe("one\n\ntwo\n€\nend");
    expect((await kept(logs)).map((line) => line.text)).toEqual(["one", "", "two", "€", "end"]);
    expect((await kept(logs))[0]).toEqual({
      at: "1970-01-01T00:00:00.000Z",
      source: "plugin",
      text: "one",
      dropped: 0,
    });
  });

  it("hold each plugin's lines apart, and the gateway's own words apart from a plugin's", async () => {
    const logs = createPluginLogs(clock);
    logs.note("other", "ended by itself");
    await written(logs, "host says: fine\n");
    expect(await kept(logs)).toMatchObject([{ source: "plugin" }]);
    expect(await kept(logs, "other")).toMatchObject([{ source: "host", text: "ended by itself" }]);
    expect(await kept(logs, "none")).toEqual([]);
  });

  it("hold no more of a flood than fits, and say how much they dropped", async () => {
    const logs = createPluginLogs(clock);
    const line = `${"x".repeat(1_024)}\n`;
    await written(logs, ...Array.from({ length: 1_000 }, () => line));
    const lines = await kept(logs);
    expect(lines.length).toBe(256);
    expect(lines[0]?.dropped).toBe(744);
    expect(lines.slice(1).every(({ dropped }) => dropped === 0)).toBe(true);
  });

  it("hold the beginning of a line that never ends", async () => {
    const logs = createPluginLogs(clock);
    await written(logs, ...Array.from({ length: 64 }, () => "y".repeat(65_536)));
    expect((await kept(logs)).map((line) => line.text.length)).toEqual([8_192]);
  });

  it("hold no more of empty lines than of others", async () => {
    const logs = createPluginLogs(clock);
    await written(logs, "\n".repeat(1_000_000));
    expect((await kept(logs)).length).toBeLessThan(10_000);
  });

  it("go on for who follows, until they leave", async () => {
    const logs = createPluginLogs(clock);
    const left = new AbortController();
    logs.note("demo", "first");
    const lines = logs.read("demo", { follow: true, signal: left.signal })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toMatchObject({ text: "first" });
    const next = lines.next();
    logs.note("demo", "second");
    expect((await next).value).toMatchObject({ text: "second" });
    const last = lines.next();
    left.abort();
    expect((await last).done).toBe(true);
  });

  it("tell a follower who is slow what it lost", async () => {
    const logs = createPluginLogs(clock);
    logs.note("demo", "first");
    const lines = logs.read("demo", { follow: true, signal: live })[Symbol.asyncIterator]();
    await lines.next();
    for (let number = 0; number < 100; number += 1) logs.note("demo", "z".repeat(8_192));
    expect((await lines.next()).value).toMatchObject({ dropped: 68 });
    await lines.return?.();
  });
});
