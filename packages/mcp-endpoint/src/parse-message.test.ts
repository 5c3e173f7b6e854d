import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMessage } from "./parse-message.ts";

const parse = (text: string): ReturnType<typeof parseMessage> =>
  parseMessage(new TextEncoder().encode(text), 8);
const depthOf = (value: unknown): number =>
  typeof value === "object" && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
    : 0;

describe("reading a message", () => {
  it.each([
    ["text that is no JSON", '{"a":', -32_700],
    ["nothing", "", -32_700],
    ["a batch", "[{}]", -32_600],
    ["a number", "5", -32_600],
    ["null", "null", -32_600],
    ["deep nesting", `{"a":${"[".repeat(8)}${"]".repeat(8)}}`, -32_600],
    ["a megabyte of brackets", "[".repeat(1_048_576), -32_600],
  ])("refuses %s", (_what, text, code) => {
    expect(parse(text)).toMatchObject({ ok: false, error: { code } });
  });

  it("says that a batch is the reason, since 2025-03-26 had them", () => {
    expect(parse("[{}]")).toMatchObject({ error: { message: expect.stringContaining("batch") } });
  });

  it("refuses bytes that are not UTF-8, and does not repeat them", () => {
    const bytes = new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]);
    expect(parseMessage(bytes, 8)).toMatchObject({ ok: false, error: { code: -32_700 } });
  });

  it("counts no bracket inside a string", () => {
    const message = { a: '[[[[[[[[["\\' };
    expect(parse(JSON.stringify(message))).toEqual({ ok: true, message });
  });

  it("takes an object exactly when it is no deeper than the limit", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 12 })), (value) => {
        expect(parse(JSON.stringify(value)).ok).toBe(depthOf(value) <= 8);
      }),
    );
  });
});
