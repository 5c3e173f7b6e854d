import { parseMissionFile } from "@sigilrt/cli";
import { describe, expect, it } from "vitest";

const text = `name: tidy
workspace: studio
allow_ops: [tool.files.*]
allow_paths: ["out/**"]
deny_paths: []
protected_paths: []
max_budget_usd: "0.50"
expires_at: null
steps:
  - name: write
    operation: tool.files.write_file
    params: { content: hello }
    paths: [out/a]
    compensation: { type: delete, paths: [out/a] }
  - name: look
    operation: tool.files.read_file
    compensation: { type: none, reason: it only reads }
`;

describe("a mission file", () => {
  it("says what a mission may do and does", () => {
    expect(parseMissionFile(text)).toEqual({
      name: "tidy",
      workspace: "studio",
      envelope: {
        allowOps: ["tool.files.*"],
        allowPaths: ["out/**"],
        denyPaths: [],
        protectedPaths: [],
        maxBudgetUsd: "0.50",
        expiresAt: null,
      },
      steps: [
        {
          name: "write",
          operation: {
            type: "tool.files.write_file",
            params: { content: "hello" },
            paths: ["out/a"],
            estimateUsd: "0",
            compensation: { type: "delete", paths: ["out/a"] },
          },
        },
        {
          name: "look",
          operation: {
            type: "tool.files.read_file",
            params: {},
            paths: [],
            estimateUsd: "0",
            compensation: { type: "none", reason: "it only reads" },
          },
        },
      ],
    });
  });

  it.each([
    ["a number as money", ['"0.50"', "0.50"], "7:17 max_budget_usd"],
    ["no list of denials", ["deny_paths: []\n", ""], "deny_paths"],
    ["no end", ["expires_at: null\n", ""], "expires_at"],
    [
      "a key that it does not know",
      ["paths: [out/a]\n ", "path: [out/a]\n "],
      'did you mean "paths"?',
    ],
    [
      "a step without compensation",
      ["    compensation: { type: none, reason: it only reads }\n", ""],
      "compensation",
    ],
    [
      "a shell command as compensation",
      ["type: none, reason: it only reads", "type: shell, command: rm"],
      "compensation",
    ],
    ["two steps of one name", ["name: look", "name: write"], "steps.1.name: is used before"],
    ["a pattern as operation", ["tool.files.read_file", "tool.files.*"], "names one operation"],
    ["an alias", ["[tool.files.*]", "&a [tool.files.*]\nother: *a"], "4"],
  ])("with %s is refused, and the place is named", (_, [from = "", to = ""], fault) => {
    expect(text).toContain(from);
    expect(() => parseMissionFile(text.replace(from, to))).toThrow(fault);
  });
});
