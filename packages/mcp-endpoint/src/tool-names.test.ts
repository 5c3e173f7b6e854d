import type { ToolView, VisibleTool } from "@sigilrt/manager";
import { describe, expect, it } from "vitest";
import { nameTools, targetOf, type ToolNames } from "./tool-names.ts";

const tool = (plugin: string, name: string, more: Partial<VisibleTool> = {}): VisibleTool => ({
  plugin,
  name,
  description: name,
  inputSchema: { type: "object" },
  ...more,
});
const view: ToolView = {
  generation: 1,
  tools: [tool("files", "read"), tool("files", "read.all"), tool("mail", "send")],
};
const meanings = (names: ToolNames): Record<string, string> =>
  Object.fromEntries(
    [...nameTools(view, names)].map(([name, { plugin, name: own }]) => [name, `${plugin}/${own}`]),
  );

describe("the names of tools", () => {
  it("are plugin.tool, or with the separator of the workspace", () => {
    expect(Object.keys(meanings({}))).toEqual(["files.read", "files.read.all", "mail.send"]);
    expect(Object.keys(meanings({ separator: "__" }))).toEqual([
      "files__read",
      "files__read.all",
      "mail__send",
    ]);
  });

  it("are added to by aliases, or replaced by them", () => {
    const aliases = { read: "files.read", post: "mail.send" };
    expect(meanings({ aliases })).toMatchObject({ read: "files/read", "files.read": "files/read" });
    expect(meanings({ aliases, onlyAliases: true })).toEqual({
      read: "files/read",
      post: "mail/send",
    });
  });

  it("do not give an alias to a tool that is not seen", () => {
    expect(meanings({ aliases: { delete: "files.delete" }, onlyAliases: true })).toEqual({});
  });

  it("are not hidden by an alias", () => {
    expect(meanings({ aliases: { "files.read": "mail.send" } })["files.read"]).toBe("files/read");
  });

  it("leave out a tool whose schema would cost clients the whole list", () => {
    for (const inputSchema of [
      true,
      "object",
      [],
      null,
      { type: "string" },
      { properties: [] },
      { required: "a" },
      { required: [1] },
      { $schema: 5 },
    ]) {
      const bad = { generation: 1, tools: [tool("bad", "tool", { inputSchema }), ...view.tools] };
      expect([...nameTools(bad, {}).keys()]).toEqual([...nameTools(view, {}).keys()]);
    }
    const outputSchema = { properties: 5 };
    const bad = { generation: 1, tools: [tool("bad", "tool", { outputSchema })] };
    expect(nameTools(bad, {}).size).toBe(0);
  });

  it.each([
    ["files.read", {}, { plugin: "files", tool: "read" }],
    ["files.read.all", {}, { plugin: "files", tool: "read.all" }],
    ["files__read", { separator: "__" }, { plugin: "files", tool: "read" }],
    ["files.read", { separator: "__" }, undefined],
    ["get", { aliases: { get: "files.read" } }, { plugin: "files", tool: "read" }],
    ["toString", { aliases: {} }, undefined],
    ["read", {}, undefined],
    [".read", {}, undefined],
    ["files.", {}, undefined],
    [`files.${"x".repeat(300)}`, {}, undefined],
  ] as const)("let %s with %j mean %j, seen or not", (name, names, target) => {
    expect(targetOf(name, names)).toEqual(target);
  });
});
