import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { LifecycleError, type PluginHost, type StartSpec } from "@sigilrt/lifecycle";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedaction } from "./redaction.ts";
import { redactedHost } from "./redacted-host.ts";

const knowing = (...values: readonly string[]): ReturnType<typeof createRedaction> => {
  const redaction = createRedaction();
  redaction.learn("demo", values);
  return redaction;
};

describe("redaction", () => {
  it.each([
    ["as it is", "key hunter22!", "key [secret]!"],
    ["in base64", `key ${Buffer.from("hunter22").toString("base64")}`, "key [secret]"],
    ["twice", "hunter22hunter22", "[secret][secret]"],
  ])("hides a value %s", (_how, said, kept) => {
    expect(knowing("hunter22").hide("demo", said)).toBe(kept);
  });

  it("hides a value in JSON, in a URL, and line by line", () => {
    const redaction = knowing('a"b&c\nsecond line');
    const said = [JSON.stringify('a"b&c\nsecond line'), encodeURIComponent('a"b&c\nsecond line')];
    expect(said.map((each) => redaction.hide("demo", each))).toEqual(['"[secret]"', "[secret]"]);
    expect(redaction.hide("demo", "  second line  ")).toBe("  [secret]  ");
  });

  it("hides the longer of two values whole, and a value from before a rotation", () => {
    const redaction = knowing("abcdef", "abcdefgh");
    redaction.learn("demo", ["new value"]);
    expect(redaction.hide("demo", "abcdefgh abcdef new value")).toBe("[secret] [secret] [secret]");
  });

  it("leaves alone what belongs to another plugin, and values of three letters", () => {
    const redaction = knowing("hunter22", "abc");
    expect(redaction.hide("other", "hunter22")).toBe("hunter22");
    expect(redaction.hide("demo", "abc")).toBe("abc");
  });

  it("lets nothing of a value through a stream, wherever it is cut", async () => {
    const value = fc.string({ minLength: 4, maxLength: 12, unit: fc.constantFrom("a", "b", "ä") });
    const filler = fc.string({ maxLength: 6, unit: fc.constantFrom("x", "a", "\n") });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(value, { minLength: 1, maxLength: 3 }),
        fc.array(filler, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(20), { maxLength: 12 }),
        async (values, fillers, cuts) => {
          const redaction = knowing(...values);
          const said = fillers
            .map((each, at) => each + (values[at % values.length] ?? ""))
            .join("");
          const chunks = cut(Buffer.from(said), cuts);
          const passed = await text(Readable.from(chunks).pipe(redaction.stream("demo")));
          for (const each of values) expect(passed).not.toContain(each);
        },
      ),
    );
  });

  it("holds nothing back that cannot become a value, and gives what is left at the end", async () => {
    const stream = knowing("hunter22").stream("demo");
    stream.write("ready\nhun");
    expect(String(stream.read())).toBe("ready\n");
    stream.end("dred");
    expect(await text(stream)).toBe("hundred");
  });

  it("takes values out of what a host throws, its causes too", async () => {
    const host: PluginHost = {
      adapters: [],
      start: () =>
        Promise.reject(
          new LifecycleError("PROTOCOL", 'first line: "hunter22"', {
            phase: "handshake",
            cause: new Error("it said hunter22"),
          }),
        ),
      close: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    };
    const spec = { identity: { plugin: "demo" } } as unknown as StartSpec;
    const failure = await redactedHost(host, knowing("hunter22"))
      .start("demo", spec, { signal: new AbortController().signal })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LifecycleError);
    expect(failure).toMatchObject({
      code: "PROTOCOL",
      phase: "handshake",
      message: 'first line: "[secret]"',
      cause: { message: "it said [secret]" },
    });
  });
});

function cut(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const chunks: Buffer[] = [];
  let rest = bytes;
  for (const at of cuts) {
    chunks.push(rest.subarray(0, at));
    rest = rest.subarray(at);
  }
  return [...chunks, rest];
}
