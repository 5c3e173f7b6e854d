import fc from "fast-check";
import { expect, it } from "vitest";
import { formatReattach, parseReattach, ProtocolError } from "./index.ts";

const go = {
  Protocol: "grpc",
  ProtocolVersion: 1,
  Pid: 4711,
  Test: true,
  Addr: { Network: "unix", String: "/tmp/plugin123" },
};
const textOf = (more: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ weather: { ...go, ...more } });

it("reads what a Go plugin prints", () => {
  expect(parseReattach(textOf({}))).toEqual(
    new Map([["weather", { version: 1, pid: 4711, isTest: true, address: "/tmp/plugin123" }]]),
  );
});

it("reads back what it writes", () => {
  const ticket = { version: 1, pid: 7, startTime: "123", isTest: false, address: "/s" };
  const text = formatReattach("__proto__", ticket);
  expect([...parseReattach(text)]).toEqual([["__proto__", ticket]]);
});

it.each([
  ["no JSON", "{"],
  ["a list", "[]"],
  ["nothing", "null"],
  ["a text that is too long", " ".repeat(65_537)],
  [
    "65 plugins",
    JSON.stringify(Object.fromEntries(Array.from({ length: 65 }, (_, at) => [at, go]))),
  ],
  ["netrpc", textOf({ Protocol: "netrpc" })],
  ["no version", textOf({ ProtocolVersion: "1" })],
  ["process 0, the group of the host", textOf({ Pid: 0 })],
  ["process 1", textOf({ Pid: 1 })],
  ["a negative process, which is a group", textOf({ Pid: -5 })],
  ["a broken process", textOf({ Pid: 2.5 })],
  ["a word for Test", textOf({ Test: "no" })],
  ["TCP", textOf({ Addr: { Network: "tcp", String: "127.0.0.1:1" } })],
  ["a relative path", textOf({ Addr: { Network: "unix", String: "plugin.sock" } })],
  ["a path with a line break", textOf({ Addr: { Network: "unix", String: "/a\nb" } })],
  ["no address", textOf({ Addr: null })],
  ["a start time that is no word", textOf({ StartTime: 5 })],
])("refuses %s", (_, text) => {
  expect(() => parseReattach(text)).toThrow(
    expect.objectContaining({ code: "REATTACH_MALFORMED" }),
  );
});

const failureOf = (work: () => unknown): unknown => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
};

it("answers every text with tickets or a typed error", () => {
  const values = fc.dictionary(
    fc.constantFrom("Protocol", "ProtocolVersion", "Pid", "Test", "Addr", "StartTime", "__proto__"),
    fc.oneof(fc.jsonValue(), fc.constantFrom("grpc", 1, 2, true, go.Addr)),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        values.map((value) => textOf(value)),
      ),
      (text) => {
        const failure = failureOf(() => parseReattach(text));
        expect(failure === undefined || failure instanceof ProtocolError).toBe(true);
      },
    ),
  );
});
