import { describe, expect, it } from "vitest";
import { isObject, type JsonObject, type JsonValue } from "../json.ts";
import type { TestedPlugin } from "./tested-plugin.ts";

/** What a tool is called with in the suite. */
export interface ToolCase {
  /** The tool. */
  readonly tool: string;
  /** Arguments that it takes. */
  readonly input: JsonObject;
  /** Arguments that it refuses; without them that is not tested. */
  readonly wrong?: readonly JsonObject[];
}

/** What the suite tests. */
export interface ToolPluginFixture extends AsyncDisposable {
  /** The plugin: `openPlugin` answers one in this process, `hostedPlugin` one in a real host. */
  readonly plugin: TestedPlugin;
  /** At least one call of each tool, but for that of `endless`. */
  readonly cases: readonly ToolCase[];
  /** A call that goes on until it is cancelled, or at least for seconds; without it, cancelling is not tested. */
  readonly endless?: Pick<ToolCase, "tool" | "input">;
}

/** Declares the suite of a tool plugin; `setup` opens it anew for each test. */
export function describeToolPlugin(name: string, setup: () => Promise<ToolPluginFixture>): void {
  describe(`${name} is a tool plugin`, () => {
    it("describes its tools, the same each time", async () => {
      await using fixture = await setup();
      const tools = await fixture.plugin.describe();
      expect(await fixture.plugin.describe()).toEqual(tools);
      const names = tools.map((tool) => tool.name);
      expect(new Set(names).size).toBe(names.length);
      const called = [...fixture.cases, ...(fixture.endless ? [fixture.endless] : [])];
      expect(new Set(called.map(({ tool }) => tool))).toEqual(new Set(names));
      for (const tool of tools) {
        expect(tool.description).not.toBe("");
        expect(tool.inputSchema).toMatchObject({ type: "object" });
      }
    });

    it("answers what it takes, with results that keep their schema", async () => {
      await using fixture = await setup();
      const tools = await fixture.plugin.describe();
      for (const { tool, input } of fixture.cases) {
        // oxlint-disable-next-line no-await-in-loop -- a plugin is not asked to do two things at once here
        const answer = await fixture.plugin.call(tool, input);
        expect(answer, `${tool} failed: ${answer.text}`).toMatchObject({ isError: false });
        const schema = tools.find((offered) => offered.name === tool)?.outputSchema;
        expect(faultsOf(answer.structured, schema)).toEqual([]);
      }
    });

    it("refuses arguments that are wrong, and goes on", async () => {
      await using fixture = await setup();
      for (const { tool, input, wrong = [] } of fixture.cases) {
        for (const refused of wrong) {
          // oxlint-disable-next-line no-await-in-loop -- in order
          const answer = await fixture.plugin.call(tool, refused);
          expect(answer, `${tool} took ${JSON.stringify(refused)}`).toMatchObject({
            isError: true,
          });
          expect([undefined, "invalid_arguments"]).toContain(answer.failure?.code);
        }
        // oxlint-disable-next-line no-await-in-loop -- in order
        expect((await fixture.plugin.call(tool, input)).isError).toBe(false);
      }
    });

    it("ends a call that is cancelled or whose time is over, and goes on", async () => {
      await using fixture = await setup();
      const { plugin, endless } = fixture;
      if (endless === undefined) return;
      const stop = new AbortController();
      const call = plugin.call(endless.tool, endless.input, { signal: stop.signal });
      setImmediate(() => stop.abort());
      await expect(call).rejects.toThrow(/cancel/iu);
      await expect(plugin.call(endless.tool, endless.input, { timeoutMs: 50 })).rejects.toThrow(
        /time|deadline/iu,
      );
      expect(await plugin.describe()).not.toEqual([]);
    });
  });
}

/** What of a schema's top level a value does not keep: its type, required members, and the types of its members. */
function faultsOf(value: JsonValue | undefined, schema: JsonValue | undefined): readonly string[] {
  if (schema === undefined) return [];
  if (!isObject(schema)) return ["the schema is no object"];
  if (value === undefined) return ["there is no structured result"];
  const { type, required, properties } = schema;
  if (typeof type === "string" && !isOfType(value, type)) return [`the result is no ${type}`];
  if (!isObject(value)) return [];
  const missing = (Array.isArray(required) ? required : [])
    .filter((name) => typeof name === "string" && !Object.hasOwn(value, name))
    .map((name) => `${String(name)} is missing`);
  const wrong = Object.entries(isObject(properties) ? properties : {}).flatMap(([name, member]) => {
    const own = value[name];
    const wanted = isObject(member) ? member["type"] : undefined;
    return own === undefined || typeof wanted !== "string" || isOfType(own, wanted)
      ? []
      : [`${name} is no ${wanted}`];
  });
  return [...missing, ...wrong];
}

function isOfType(value: JsonValue, type: string): boolean {
  switch (type) {
    case "object":
      return isObject(value);
    case "array":
      return Array.isArray(value);
    case "null":
      return value === null;
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
