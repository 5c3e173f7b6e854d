import { describe, expect, it } from "vitest";
import { collect } from "./fixtures/collect.ts";
import type { CallContext } from "./call-context.ts";
import { PluginFailure } from "./plugin-failure.ts";
import { checkPlugin, type PluginOptions } from "./plugin-options.ts";
import { defineTool, type Tool, type ToolOptions } from "./tool.ts";

const options: ToolOptions<unknown> = {
  name: "weather",
  description: "Tells the weather",
  input: { type: "object" },
  parse: (input) => input,
  async *run() {
    yield { text: "sunny" };
  },
};
const context = {} as CallContext;

describe("defineTool", () => {
  it.each(["a", "A-Z_0.9", "x".repeat(128)])("takes the name %s", (name) => {
    expect(defineTool({ ...options, name }).name).toBe(name);
  });

  it.each(["", "x".repeat(129), "a b", "a/b", "a\n", "ä", "a|b", "../x", undefined])(
    "refuses the name %j",
    (name) => {
      expect(() => defineTool({ ...options, name: name as string })).toThrow(TypeError);
    },
  );

  const cycle: Record<string, unknown> = { type: "object" };
  cycle["self"] = cycle;
  it.each([
    undefined,
    null,
    "object",
    [],
    {},
    { type: "string" },
    { type: ["object"] },
    { type: "object", maximum: 1n },
    cycle,
    { toJSON: () => "text" },
  ])("refuses schema %# that is no object of type object", (schema) => {
    const input = schema as { type: "object" };
    expect(() => defineTool({ ...options, input })).toThrow(/input is no JSON object/u);
    if (schema === undefined) return;
    expect(() => defineTool({ ...options, output: input })).toThrow(/output is no JSON object/u);
  });

  it.each([
    { description: "" },
    { title: 1 },
    { parse: undefined },
    { run: undefined },
    { annotations: { readonly: true } },
    { annotations: { readOnly: "yes" } },
  ])("refuses %j", (wrong) => {
    expect(() => defineTool({ ...options, ...wrong } as never)).toThrow(
      /^Cannot define tool "weather": /u,
    );
  });

  it("keeps a copy that later changes do not reach", () => {
    const input = { type: "object", properties: { city: { type: "string" } } };
    const annotations = { readOnly: true };
    const tool = defineTool({ ...options, input, annotations });
    input.properties.city.type = "number";
    annotations.readOnly = false;
    expect(tool.input).toEqual({ type: "object", properties: { city: { type: "string" } } });
    expect(tool.annotations).toEqual({ readOnly: true });
    expect(Object.isFrozen(tool.input["properties"])).toBe(true);
    expect(Object.isFrozen(tool)).toBe(true);
  });

  it("parses before it runs, and says wrong input as invalid_arguments with the parser's words", async () => {
    const tool = defineTool({
      ...options,
      parse: (input: unknown): string => {
        if (typeof input === "string") return input.toUpperCase();
        throw new RangeError("city is no text");
      },
      async *run(city) {
        yield { text: city };
      },
    });
    expect(await collect(tool.run("bern", context))).toEqual([{ text: "BERN" }]);
    await expect(collect(tool.run(1, context))).rejects.toMatchObject({
      name: "PluginFailure",
      code: "invalid_arguments",
      message: "city is no text",
      cause: expect.any(RangeError),
    });
  });

  it("keeps a failure that parse throws, and has words for what is no error", async () => {
    const thrower = (thrown: unknown): Tool =>
      defineTool({
        ...options,
        parse: () => {
          throw thrown;
        },
      });
    const failure = new PluginFailure("too_far", "no such place");
    await expect(collect(thrower(failure).run({}, context))).rejects.toBe(failure);
    await expect(collect(thrower("x").run({}, context))).rejects.toMatchObject({
      code: "invalid_arguments",
      message: "the arguments are not what it takes",
    });
  });
});

describe("PluginFailure", () => {
  it("is not retryable unless it says so", () => {
    expect(new PluginFailure("gone", "gone").retryable).toBe(false);
    expect(new PluginFailure("busy", "busy", { retryable: true }).retryable).toBe(true);
  });

  it.each(["", "Gone", "is-gone", "1st", "a\nb", "x".repeat(65)])("refuses code %j", (code) => {
    expect(() => new PluginFailure(code, "text")).toThrow(TypeError);
  });
});

describe("a plugin", () => {
  const weather = defineTool(options);
  const plugin: PluginOptions = { name: "p", version: "1", tools: [weather] };

  it("is taken with hooks that are methods of a class", () => {
    class Plugin implements PluginOptions {
      readonly name = "p";
      readonly version = "1";
      readonly tools = [weather];
      init(): void {}
      health() {
        return { status: "healthy" } as const;
      }
      shutdown(): void {}
    }
    expect(() => checkPlugin(new Plugin())).not.toThrow();
  });

  it("refuses two tools of one name, and says which", () => {
    const tools = [weather, defineTool({ ...options, name: "other" }), defineTool(options)];
    expect(() => checkPlugin({ ...plugin, tools })).toThrow('two of its tools are named "weather"');
  });

  it.each([
    { name: "" },
    { version: "" },
    { tools: undefined },
    // Made by hand, so that nothing of it was checked.
    { tools: [{ ...weather, name: "a b" }] },
    { init: "text" },
    { health: {} },
    { shutdown: null },
  ])("refuses %j", (wrong) => {
    expect(() => checkPlugin({ ...plugin, ...wrong } as never)).toThrow(TypeError);
  });
});
