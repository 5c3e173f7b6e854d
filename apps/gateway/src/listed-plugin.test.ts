import { parseStrictYaml } from "@sigilrt/manifest/yaml";
import { describe, expect, it } from "vitest";
import { withListedPlugin } from "./listed-plugin.ts";

const listed = (text: string): unknown =>
  (parseStrictYaml(withListedPlugin(text, "new", "plugins/new")).value as { plugins: unknown })
    .plugins;

describe("withListedPlugin", () => {
  it.each([
    ["none", "data: data\n", {}],
    ["none and no last line feed", "data: data", {}],
    ["an empty map", "plugins: {}\ndata: data\n", {}],
    [
      "a map in one line",
      "plugins: { old: { path: plugins/old } } # mine\ndata: data\n",
      { old: { path: "plugins/old" } },
    ],
    [
      "a block",
      "plugins:\n  # the first\n  old: { path: plugins/old }\n\n# the rest\ndata: data\n",
      { old: { path: "plugins/old" } },
    ],
    [
      "a block of blocks",
      "plugins:\n    old:\n        path: plugins/old\ndata: data\n",
      { old: { path: "plugins/old" } },
    ],
    [
      "a block at the end",
      "data: data\nplugins:\n  old: { path: plugins/old }",
      { old: { path: "plugins/old" } },
    ],
  ])("adds to %s", (_what, text, before) => {
    expect(listed(text)).toEqual({ ...before, new: { path: "plugins/new" } });
  });

  it("leaves every other character as it is", () => {
    const text =
      "# mine\nplugins:\n  old: { path: old }   # kept\n\nusers:   {ada: {workspaces: [home]}}\n";
    const after = withListedPlugin(text, "new", "plugins/new");
    expect(after.replace('\n  new: { path: "plugins/new" }', "")).toBe(text);
  });

  it("refuses a text that is no mapping", () => {
    expect(() => withListedPlugin("- a\n", "new", "x")).toThrow(/no mapping/u);
  });
});
