import { LIMITS, parseLogLine } from "@sigilrt/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createLog, type Log } from "./log.ts";

const at = new Date("2026-01-02T03:04:05.678Z");

function logInto(lines: string[], pending = (): number => 0): Log {
  return createLog("weather", { write: (line) => lines.push(line), pending }, () => at);
}

it.each(["debug", "info", "warn", "error"] as const)("writes %s as a host reads it", (level) => {
  const lines: string[] = [];
  logInto(lines)[level]("asked", { city: "Bern", days: 3 });
  expect(parseLogLine(lines.join(""))).toEqual({
    level,
    message: "asked",
    module: "weather",
    timestamp: "2026-01-02T03:04:05.678000Z",
    fields: Object.assign(Object.create(null), { city: "Bern", days: 3 }),
    truncated: false,
  });
});

it("writes one bounded line for anything, and never throws", () => {
  fc.assert(
    fc.property(fc.string(), fc.dictionary(fc.string(), fc.anything()), (message, fields) => {
      const lines: string[] = [];
      logInto(lines).info(message, fields);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^[^\n]+\n$/u);
      expect(parseLogLine(lines.join(""))).toMatchObject({ level: "info", message });
    }),
  );
});

it.each(["@level", "@message", "@module", "@timestamp"])(
  "does not let a field %s speak for the line",
  (name) => {
    const lines: string[] = [];
    logInto(lines).info("asked", { [name]: "error" });
    expect(parseLogLine(lines.join(""))).toMatchObject({
      level: "info",
      message: "asked",
      module: "weather",
      timestamp: "2026-01-02T03:04:05.678000Z",
    });
  },
);

it("writes errors with stack and causes, and the type of what JSON cannot hold", () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  const lines: string[] = [];
  const error = new Error("outer", { cause: new Error("inner") });
  logInto(lines).error("failed", { error, cycle, big: 1n, nothing: undefined });
  const { fields } = parseLogLine(lines.join(""));
  expect(fields["error"]).toMatch(/Error: outer\n\s+at [^]*Error: inner/u);
  expect(fields).toMatchObject({ cycle: "object", big: "bigint", nothing: "undefined" });
});

it.each([
  ["a long message", "\u0000".repeat(100_000), {}],
  ["a long field", "m", { long: "ü".repeat(100_000) }],
  ["many fields", "m", Object.fromEntries(Array.from({ length: 500 }, (_, index) => [index, 1]))],
])("cuts %s and says so", (_, message, fields) => {
  const lines: string[] = [];
  logInto(lines).info(message, { first: 1, ...fields });
  expect(Buffer.byteLength(lines.join(""))).toBeLessThanOrEqual(LIMITS.logLineBytes);
  const line = parseLogLine(lines.join(""));
  expect(line.truncated).toBe(false);
  expect(line.fields["truncated"]).toBe(true);
});

it("drops lines for a host that does not read, and counts them in the next", () => {
  const lines: string[] = [];
  let pending = 2 ** 21;
  const log = logInto(lines, () => pending);
  log.info("lost");
  log.info("lost too");
  expect(lines).toEqual([]);
  pending = 0;
  log.info("kept");
  log.info("kept too");
  expect(lines.map((line) => parseLogLine(line).fields["dropped_lines"])).toEqual([2, undefined]);
});
