import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS, parseLogLine, renderLogLine } from "./index.ts";

describe("parseLogLine", () => {
  it("reads a structured line", () => {
    const line =
      '{"@level":"warn","@message":"slow","@timestamp":"t","@module":"m","@caller":"c","ms":12}';
    expect(parseLogLine(line)).toEqual({
      level: "warn",
      message: "slow",
      timestamp: "t",
      module: "m",
      caller: "c",
      fields: { ms: 12 },
      truncated: false,
    });
  });

  it.each([
    ["[TRACE] a", "trace", "a"],
    ["[ERROR]b", "error", "b"],
    ["[LOUD] c", "debug", "[LOUD] c"],
    ["plain", "debug", "plain"],
    ["panic: boom", "error", "panic: boom"],
    ["fatal error: boom", "error", "fatal error: boom"],
    ["{not json", "debug", "{not json"],
    ['{"message":"no at sign"}', "debug", '{"message":"no at sign"}'],
    ["", "debug", ""],
  ])("reads %j as %s", (line, level, message) => {
    expect(parseLogLine(line)).toMatchObject({ level, message, truncated: false });
  });

  it("takes every line after a panic as an error", () => {
    expect(parseLogLine("goroutine 1 [running]:", { panicked: true }).level).toBe("error");
  });

  it.each(["@message", "@level", "@timestamp", "@module", "@caller"])(
    "survives every type of value in %s",
    (key) => {
      fc.assert(
        fc.property(
          fc.jsonValue({ maxDepth: 3 }).filter((value) => typeof value !== "string"),
          (value) => {
            const line = parseLogLine(
              JSON.stringify({ "@message": "m", "@level": "info", [key]: value }),
            );
            expect(JSON.stringify(line.fields[key])).toBe(JSON.stringify(value));
          },
        ),
      );
    },
  );

  it("keeps fields named like parts of an object as plain data", () => {
    const { fields } = parseLogLine('{"@message":"m","__proto__":{"polluted":1},"constructor":2}');
    expect(Object.getPrototypeOf(fields)).toBeNull();
    expect(Object.keys(fields)).toEqual(["__proto__", "constructor"]);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it("cuts a long line, too many fields and too deep a value, and says so", () => {
    expect(parseLogLine("x".repeat(LIMITS.logLineBytes + 1))).toMatchObject({ truncated: true });
    expect(parseLogLine(new Uint8Array(LIMITS.logLineBytes + 1)).truncated).toBe(true);
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`f${index}`, index]));
    const crowded = parseLogLine(JSON.stringify({ "@message": "m", ...many }));
    expect([Object.keys(crowded.fields).length, crowded.truncated]).toEqual([
      LIMITS.logFields,
      true,
    ]);
    const deep = parseLogLine(`{"@message":"m","deep":${"[".repeat(30_000)}${"]".repeat(30_000)}}`);
    expect(deep.truncated).toBe(true);
    expect(JSON.stringify(deep.fields)).toContain("[...]");
  });

  it("replaces invalid UTF-8", () => {
    expect(parseLogLine(Uint8Array.of(0x61, 0xff, 0x62)).message).toBe("a\ufffdb");
  });

  it("renders one line without control characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        // oxlint-disable-next-line no-control-regex -- control characters are what must be absent
        const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/u;
        expect(renderLogLine(parseLogLine(text))).not.toMatch(unsafe);
      }),
    );
  });
});
