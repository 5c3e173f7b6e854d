import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDeeperThan } from "./json.ts";
import { parseArguments } from "./parse-arguments.ts";

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
const refusal = (text: string): unknown => {
  try {
    return parseArguments(text);
  } catch (error) {
    return error;
  }
};

describe("the arguments of a call", () => {
  it("are any JSON object", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 })), (object) => {
        const text = JSON.stringify(object);
        expect(parseArguments(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("are none when the text is empty", () => {
    expect(parseArguments("")).toEqual({});
  });

  it.each([
    ["not JSON", "{'a':1}", "they are not JSON"],
    ["no object", "[1]", "they are no JSON object"],
    ["null", "null", "they are no JSON object"],
    ["text", '"{}"', "they are no JSON object"],
    ["cut short", '{"a":', "they are not JSON"],
    ["65 deep", nested(65), "they are nested more than 64 deep"],
    ["a bomb of brackets", "[".repeat(4_000_000), "they are nested more than 64 deep"],
    ["too long", `{"a":"${"x".repeat(4_194_304)}"}`, "at most 4194304 are read"],
  ])("are refused when they are %s", (_, text, found) => {
    expect(refusal(text)).toMatchObject({
      name: "PluginFailure",
      code: "invalid_arguments",
      message: expect.stringContaining(found),
    });
  });

  it("may be 64 deep, and hold brackets, quotes and backslashes in their text", () => {
    expect(refusal(nested(64))).not.toBeInstanceOf(Error);
    const text = { [`${"[".repeat(100)}"\\`]: `\\"${"{".repeat(100)}\\\\` };
    expect(parseArguments(JSON.stringify(text))).toEqual(text);
  });

  it("have the depth that walking the value finds", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.nat(8), (text, most) => {
        expect(isDeeperThan(most, text)).toBe(depthOf(JSON.parse(text)) > most);
      }),
    );
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
