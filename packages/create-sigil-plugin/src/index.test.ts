import { expect, it } from "vitest";

it("exports exactly what its README names", async () => {
  expect(Object.keys(await import("./index.ts")).toSorted()).toEqual([
    "ScaffoldError",
    "createProject",
  ]);
});
