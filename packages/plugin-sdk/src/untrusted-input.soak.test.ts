import { parseLogLine } from "@sigilrt/protocol";
import { count } from "@sigilrt/testing/counts";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createLog } from "./log.ts";
import { parseArguments } from "./parse-arguments.ts";
import { PluginFailure } from "./plugin-failure.ts";

const parameters = { numRuns: count("inputs") };
const fragments = fc.constantFrom(
  "{",
  "}",
  "[",
  "]",
  '"',
  "\\\\",
  ":",
  ",",
  "a",
  "1",
  "null",
  " ",
  "\\u",
);

it("reads any text as arguments, or refuses it as invalid_arguments", () => {
  const text = fc.oneof(
    fc.json(),
    fc.array(fragments).map((parts) => parts.join("")),
    fc.string(),
  );
  const read = (input: string): unknown => {
    try {
      return parseArguments(input);
    } catch (error) {
      return error instanceof PluginFailure ? error.code : error;
    }
  };
  const expected = (input: string): unknown => {
    try {
      const value: unknown = JSON.parse(input || "{}");
      const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
      return isObject ? value : "invalid_arguments";
    } catch {
      return "invalid_arguments";
    }
  };
  fc.assert(
    fc.property(text, (input) => {
      expect(read(input)).toEqual(expected(input));
    }),
    parameters,
  );
});

it("writes one line that a host reads back, for any fields", () => {
  const lines: string[] = [];
  const sink = { write: (line: string) => void lines.push(line), pending: () => 0 };
  const log = createLog("soak", sink, () => new Date(0));
  fc.assert(
    fc.property(fc.string(), fc.dictionary(fc.string(), fc.anything()), (message, fields) => {
      log.info(message, fields);
      const [line = ""] = lines.splice(0);
      expect(line.indexOf("\n")).toBe(line.length - 1);
      expect(parseLogLine(line)).toMatchObject({ level: "info", message, module: "soak" });
    }),
    parameters,
  );
});
