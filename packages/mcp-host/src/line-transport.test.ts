import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LINE_LIMITS, LineTransport } from "./line-transport.ts";

interface Seen {
  readonly messages: readonly unknown[];
  readonly fault: string | undefined;
}

const feed = async (chunks: readonly Uint8Array[], limits = {}): Promise<Seen> => {
  const stdout = new PassThrough();
  const transport = new LineTransport(new PassThrough(), stdout, { ...LINE_LIMITS, ...limits });
  const messages: unknown[] = [];
  const { promise: closed, resolve: onclose } = Promise.withResolvers<void>();
  Object.assign(transport, { onmessage: (message: unknown) => messages.push(message), onclose });
  await transport.start();
  for (const chunk of chunks) stdout.write(chunk);
  stdout.end();
  await closed;
  return { messages, fault: transport.fault?.code };
};
const note = (n: number): string => `{"jsonrpc":"2.0","method":"n","params":{"n":${n}}}`;
const line = fc.oneof(
  fc.nat(9).map(note),
  fc.constant("Listening …"),
  fc.constant(""),
  fc.constant("[1]"),
  fc.constant('{"jsonrpc":"2.0","id":1,"result":{}}'),
  fc.constant(`${"[".repeat(70)}${"]".repeat(70)}`),
  fc.string({ maxLength: 10 }).map((text) => text.replaceAll("\n", " ")),
);

describe("LineTransport", () => {
  it("reads the same messages wherever the stream is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.array(fc.nat(400), { maxLength: 6 }),
        async (lines, cuts) => {
          const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(""));
          const at = [
            0,
            ...cuts
              .map((cut) => Math.min(cut, bytes.length))
              .toSorted((left, right) => left - right),
            bytes.length,
          ];
          const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
          expect(await feed(chunks)).toEqual(await feed([bytes]));
        },
      ),
    );
  });

  it("never throws and never holds more than a line, whatever the bytes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }),
        async (chunks) => {
          expect(await feed(chunks, { lineBytes: 64 })).toHaveProperty("messages");
        },
      ),
    );
  });

  it.each([
    ["a long line", [Buffer.alloc(100, 120)], { lineBytes: 64 }, "LINE_TOO_LONG"],
    [
      "a long line with its end",
      [Buffer.from(`${"x".repeat(100)}\n`)],
      { lineBytes: 64 },
      "LINE_TOO_LONG",
    ],
    ["a deep message", [Buffer.from(`${"[".repeat(5)}\n`)], { depth: 4 }, "TOO_DEEP"],
    ["stray lines", [Buffer.from("a\nb\nc\n")], { strayLines: 2 }, "NOT_JSON"],
    [
      "foreign answers",
      [Buffer.from('{"jsonrpc":"2.0","id":1,"result":{}}\n'.repeat(3))],
      {},
      "FOREIGN_RESPONSE",
    ],
  ])("ends at %s", async (_what, chunks, limits, fault) => {
    expect(await feed(chunks, limits)).toEqual({ messages: [], fault });
  });

  it("passes on what came before the fault and nothing after it", async () => {
    const text = `${note(1)}\n${"[".repeat(99)}\n${note(2)}\n`;
    expect(await feed([Buffer.from(text)])).toEqual({
      messages: [JSON.parse(note(1))],
      fault: "TOO_DEEP",
    });
  });
});
