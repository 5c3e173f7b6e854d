import { expect, it } from "vitest";

it("exports what the README names, and nothing else", async () => {
  expect(Object.keys(await import("@sigilrt/journal")).toSorted()).toEqual([
    "JournalError",
    "createCheckpointSigner",
    "hasLiveWriter",
    "holdJournal",
    "openJournal",
    "openSigningKey",
    "prepareEntry",
    "signCheckpoint",
    "verifyCheckpoint",
    "verifyJournal",
  ]);
});
