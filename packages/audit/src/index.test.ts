import { expect, it } from "vitest";

it("exports what the README names, and nothing else", async () => {
  expect(Object.keys(await import("@sigilrt/audit")).toSorted()).toEqual([
    "AuditError",
    "commandSink",
    "exportAudit",
    "fileSink",
    "openAuditStore",
    "queryAudit",
    "resealAudit",
    "verifyAudit",
  ]);
});
