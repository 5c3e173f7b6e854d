import { expect, it } from "vitest";

it("exports these names and no others", async () => {
  expect(Object.keys(await import("@sigilrt/enforcer")).toSorted()).toEqual([
    "Enforcer",
    "EnforcerError",
    "createMemoryAuditStore",
    "publicAnswer",
  ]);
});
