import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collect } from "./testing/collect.ts";
import { createBoundedRing } from "./bounded-ring.ts";
import { drainLogs, type LogRecord, splitLines } from "./output.ts";

const clock = { now: () => 5000 };
const linesOf = async (
  chunks: readonly Uint8Array[],
  maxBytes: number,
): Promise<readonly string[]> => {
  const lines: string[] = [];
  await splitLines(Readable.from(chunks), maxBytes, (line, cut) =>
    lines.push(`${Buffer.from(line).toString()}${cut ? "~" : ""}`),
  );
  return lines;
};

describe("splitLines", () => {
  it("gives the same lines however the bytes are cut", async () => {
    const texts = fc.array(fc.stringMatching(/^[a-c]{0,9}$/u), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(60), { maxLength: 6 }), async (lines, cuts) => {
        const bytes = Buffer.from(`${lines.join("\n")}\n`);
        const edges = [0, ...cuts.filter((cut) => cut < bytes.length), bytes.length].toSorted(
          (a, b) => a - b,
        );
        const chunks = edges.map((edge, index) => bytes.subarray(edges[index - 1] ?? 0, edge));
        expect(await linesOf(chunks, 6)).toEqual(
          lines.map((line) => (line.length > 6 ? `${line.slice(0, 6)}~` : line)),
        );
      }),
    );
  });

  it("keeps a last line without a break", async () => {
    expect(await linesOf([Buffer.from("a\nb")], 10)).toEqual(["a", "b"]);
  });
});

describe("drainLogs", () => {
  const drained = async (
    text: string,
    secrets: readonly string[] = [],
  ): Promise<{ logs: readonly LogRecord[]; tail: string }> => {
    const drain = drainLogs(Readable.from([Buffer.from(text)]), clock, secrets);
    await drain.ended;
    return { logs: await collect(drain.logs), tail: drain.tail() };
  };

  it("hides secrets in records and in the tail", async () => {
    const { logs, tail } = await drained("key is hunter2!\n", ["hunter2", "is"]);
    expect(logs[0]?.message).toBe("key is [secret]!");
    expect(tail).toBe("key is [secret]!\n");
  });

  it("drops lines above the rate and says how many", async () => {
    const { logs } = await drained("x\n".repeat(1500));
    expect(logs).toHaveLength(1000);
    expect(logs.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(500);
  });

  it("keeps a tail of 8 KiB and the host's own time", async () => {
    const { logs, tail } = await drained(`${"y".repeat(9000)}\nend\n`);
    expect(tail).toHaveLength(8192);
    expect(tail.endsWith("end\n")).toBe(true);
    expect(logs[1]).toMatchObject({ message: "end", receivedAt: 5000 });
  });

  it("takes the rest after a panic as errors", async () => {
    const { logs } = await drained("panic: boom\ngoroutine 1\n");
    expect(logs.map(({ level }) => level)).toEqual(["error", "error"]);
  });
});

it("a ring drops its oldest items and counts them for the reader", async () => {
  const ring = createBoundedRing<string>(4, (item) => item.length);
  for (const item of ["aa", "bb", "cc", "d"]) ring.push(item);
  ring.end();
  expect(await collect(ring.items)).toEqual([
    { item: "cc", dropped: 2 },
    { item: "d", dropped: 0 },
  ]);
});
