import { describe, expect, it } from "vitest";
import { defineTool, PluginFailure, type PluginOptions, PluginSdkError } from "../index.ts";
import { describeToolPlugin, openPlugin } from "./index.ts";

const city = (input: unknown): { readonly city: string } => {
  if (typeof input === "object" && input !== null && "city" in input) {
    const { city: name } = input;
    if (typeof name === "string") return { city: name };
  }
  throw new TypeError("city is not a text");
};
const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const weather = defineTool({
  name: "weather",
  description: "Tells the weather",
  input: schema,
  output: schema,
  parse: city,
  async *run(input, { log, progress, deadline }) {
    log.info("asked", { ...input });
    progress(1, 2, "looking");
    if (input.city === "Atlantis") throw new PluginFailure("city_unknown", "No such city");
    yield { text: `Sunny until ${deadline?.toISOString()}` };
    yield { structured: input };
    yield { binary: { mimeType: "image/png", name: "sky", data: Uint8Array.of(1, 2) } };
  },
});
const endless = defineTool({
  name: "endless",
  description: "Never ends",
  input: { type: "object" },
  parse: (input) => input,
  async *run(_, { signal }) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    if (!signal.aborted) yield { text: "never" };
  },
});
const asking = defineTool({
  name: "ask",
  description: "Asks its host",
  input: { type: "object" },
  parse: (input) => String(Object(input).what),
  async *run(what, { host }) {
    if (host === undefined) yield { text: "nobody there" };
    else if (what === "get") yield { text: String((await host.kv.get("a"))?.value) };
    else if (what === "config") yield { structured: (await host.readConfig("city")) ?? null };
    else if (what === "tool") yield* host.callTool("other.tool", { a: 1 });
    else if (what === "chat") {
      const messages = [{ role: "user", content: "hi" }] as const;
      for await (const said of host.chat({ model: "m", messages }))
        yield { structured: { ...said } };
    } else {
      try {
        await host.kv.delete("a");
      } catch (error) {
        yield { text: error instanceof PluginSdkError ? error.code : "?" };
      }
    }
  },
});
const plugin: PluginOptions = { name: "demo", version: "1.0.0", tools: [weather, endless, asking] };

describeToolPlugin("the demo", async () => {
  const opened = await openPlugin(plugin);
  return {
    plugin: opened,
    cases: [
      { tool: "weather", input: { city: "Bern" }, wrong: [{}, { city: 1 }] },
      { tool: "ask", input: {} },
    ],
    endless: { tool: "endless", input: {} },
    [Symbol.asyncDispose]: () => opened.close(),
  };
});

describe("an opened plugin", () => {
  it("answers with all that a host would read", async () => {
    await using opened = await openPlugin(plugin, { clock: { now: () => 1_000_000 } });
    expect(await opened.call("weather", { city: "Bern" }, { timeoutMs: 5000 })).toEqual({
      isError: false,
      text: expect.stringMatching(/^Sunny until 1970-01-01T00:16:4[45]\.\d{3}Z$/u),
      structured: { city: "Bern" },
      files: [{ mimeType: "image/png", name: "sky", data: Uint8Array.of(1, 2) }],
      progress: [{ completed: 1, total: 2, message: "looking" }],
    });
    expect(opened.logs).toEqual([
      {
        level: "info",
        message: "asked",
        at: "1970-01-01T00:16:40.000000Z",
        fields: { city: "Bern" },
      },
    ]);
    expect(await opened.call("weather", { city: "Atlantis" })).toMatchObject({
      isError: true,
      failure: { code: "city_unknown", message: "No such city", retryable: false },
    });
    await expect(opened.call("nothing", {})).rejects.toThrow("NOT_FOUND");
  });

  it("sees its signal abort when its caller leaves", async () => {
    await using opened = await openPlugin(plugin);
    const stop = new AbortController();
    const call = opened.call("endless", {}, { signal: stop.signal });
    await opened.describe();
    expect(opened.callsInFlight()).toBe(1);
    stop.abort();
    await expect(call).rejects.toThrow("CANCELLED");
    await opened.describe();
    expect(opened.callsInFlight()).toBe(0);
  });

  it("asks a fake host over the wire", async () => {
    await using opened = await openPlugin(plugin, {
      host: {
        kv: {
          get: async () => ({ value: Uint8Array.of(7), version: 1 }),
          delete: async () => {
            throw new PluginSdkError("CALLBACK_DENIED", "not you");
          },
        },
        readConfig: async () => ({ name: "Bern" }),
        async *callTool(tool, input) {
          yield { text: `${tool} ${JSON.stringify(input)}` };
        },
        async *chat({ messages }) {
          yield { text: `you said ${messages[0]?.content}` };
        },
      },
    });
    const ask = async (what: string) => await opened.call("ask", { what });
    expect((await ask("get")).text).toBe("7");
    expect((await ask("config")).structured).toEqual({ name: "Bern" });
    expect((await ask("tool")).text).toBe('other.tool {"a":1}');
    expect((await ask("chat")).structured).toEqual({ text: "you said hi" });
    expect((await ask("delete")).text).toBe("CALLBACK_DENIED");
    await using alone = await openPlugin(plugin);
    expect((await alone.call("ask", {})).text).toBe("nobody there");
  });

  it("begins with its configuration and ends with its hook, once", async () => {
    const seen: unknown[] = [];
    const opened = await openPlugin(
      {
        ...plugin,
        init: (config) => void seen.push(config),
        shutdown: () => void seen.push("shutdown"),
      },
      { config: { city: "Bern" } },
    );
    expect(await opened.shutdown()).toBe(true);
    await opened.close();
    await opened.close();
    expect(seen).toEqual([{ city: "Bern" }, "shutdown"]);
  });

  it("is refused when its init refuses, and when it is none", async () => {
    const init = (): never => {
      throw new PluginFailure("no_key", "there is no key");
    };
    await expect(openPlugin({ ...plugin, init })).rejects.toThrow("there is no key");
    await expect(openPlugin({ name: "x", version: "1" })).rejects.toThrow(TypeError);
  });
});
