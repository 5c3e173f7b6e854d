import { expect, it } from "vitest";
import * as yaml from "@sigilrt/manifest/yaml";

const { nearestWord, parseStrictYaml } = yaml;

it("exports what the README names, and nothing else", () => {
  expect(Object.keys(yaml).toSorted()).toEqual(["nearestWord", "parseStrictYaml"]);
});

it("reads a document and knows where its keys and values stand", () => {
  const document = parseStrictYaml("listen:\n  host: ::1\n  port: 80\n");
  expect(document.value).toEqual({ listen: { host: "::1", port: 80 } });
  expect(document.locate(["listen", "port"])).toEqual({ line: 3, column: 9 });
  expect(document.locate(["listen", "port"], { at: "key" })).toEqual({ line: 3, column: 3 });
  expect(document.locate(["listen", "prot"])).toEqual(document.locate(["listen"]));
});

it.each([
  ["a: 1\na: 2\n", "yaml.duplicate-key"],
  ["a: &x 1\nb: *x\n", "yaml.alias"],
  ["a: !!js/function x\n", "yaml.tag"],
  ["__proto__: {admin: true}\n", "field.unknown"],
  ["a: [\n", "yaml.syntax"],
])("refuses %j as %s, with its place", (text, rule) => {
  expect(() => parseStrictYaml(text)).toThrow(
    expect.objectContaining({
      code: "YAML_REFUSED",
      issues: expect.arrayContaining([
        expect.objectContaining({ rule, line: expect.any(Number), column: expect.any(Number) }),
      ]),
    }),
  );
});

it("finds the word that was meant, and none where nothing is near", () => {
  expect(nearestWord("worksapces", ["workspaces", "users"])).toBe("workspaces");
  expect(nearestWord("permissions", ["workspaces", "users"])).toBeUndefined();
});
