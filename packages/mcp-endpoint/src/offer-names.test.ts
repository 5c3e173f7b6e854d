import { describe, expect, it } from "vitest";
import { namePrompts, pluginOfTemplate, resourcesByUri } from "./offer-names.ts";

const at = (plugin: string, uri: string) => ({ plugin, uri, name: uri });

describe("prompts", () => {
  const prompts = [
    { plugin: "a", name: "x" },
    { plugin: "b", name: "x" },
  ];

  it("are named by plugin and by alias, and no alias hides a name", () => {
    const aliases = { short: "a.x", "b.x": "a.x" };
    const named = namePrompts(prompts, { aliases });
    expect([...named].map(([name, { plugin }]) => [name, plugin])).toEqual([
      ["a.x", "a"],
      ["b.x", "b"],
      ["short", "a"],
    ]);
    expect([...namePrompts(prompts, { aliases: { s: "a.x" }, onlyAliases: true }).keys()]).toEqual([
      "s",
    ]);
    expect([...namePrompts(prompts, { separator: "__" }).keys()]).toEqual(["a__x", "b__x"]);
  });
});

describe("resources", () => {
  it("that two plugins claim are neither's: the one could pass its text off as the other's", () => {
    const seen = resourcesByUri([at("a", "x:1"), at("b", "x:1"), at("b", "x:2"), at("b", "x:2")]);
    expect([...seen.keys()]).toEqual(["x:2"]);
  });

  it("that nobody lists belong to the template with the longest fixed beginning", () => {
    const templates = [
      at("a", "x://{name}"),
      at("b", "x://data/{name}.txt"),
      at("b", "x://data/{n}"),
    ];
    expect(pluginOfTemplate(templates, "x://data/1.txt")).toBe("b");
    expect(pluginOfTemplate(templates, "x://other")).toBe("a");
    expect(pluginOfTemplate(templates, "y://other")).toBeUndefined();
    expect(pluginOfTemplate(templates, "x://")).toBeUndefined();
  });

  it("that two plugins' templates could mean belong to nobody", () => {
    expect(pluginOfTemplate([at("a", "x://{a}"), at("b", "x://{b}")], "x://1")).toBeUndefined();
    expect(pluginOfTemplate([at("a", "{everything}")], "x://1")).toBeUndefined();
  });
});
