import { findByproduct } from "@sigilrt/bundle";
import { describe, expect, it } from "vitest";

describe("findByproduct", () => {
  it.each([
    ["src/__pycache__/a.cpython-311.pyc", "__pycache__"],
    [".pytest_cache/v/x", ".pytest_cache"],
    [".git/HEAD", ".git"],
    ["a/.DS_Store", ".DS_Store"],
    ["a/b.pyc", "b.pyc"],
    ["npm-debug.log", "npm-debug.log"],
  ])("finds %s", (path, segment) => {
    expect(findByproduct(["plugin.yaml", path])).toEqual({ kind: "byproduct", path, segment });
  });

  it("answers the first", () => {
    expect(findByproduct(["b.log", "a.log"])).toMatchObject({ path: "b.log" });
  });

  it.each([".gitignore", "logs/a.txt", "a.log.txt", "a.log/b", "pycache/a", "catalog"])(
    "keeps %s",
    (path) => {
      expect(findByproduct([path])).toBeUndefined();
    },
  );

  it("keeps a file or folder that is allowed by name, and nothing that only begins like it", () => {
    expect(findByproduct(["a/b.log", "a/.git/HEAD"], ["a/b.log", "a/.git"])).toBeUndefined();
    expect(findByproduct(["a/b.log"], ["a/b", "a/b.lo", "b.log"])).toMatchObject({
      path: "a/b.log",
    });
    expect(findByproduct(["ab/c.log"], ["a"])).toMatchObject({ path: "ab/c.log" });
  });
});
