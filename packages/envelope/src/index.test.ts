import { expect, it } from "vitest";

it("exports what the README names, and nothing else", async () => {
  expect(Object.keys(await import("@sigilrt/envelope")).toSorted()).toEqual([
    "EnvelopeError",
    "attenuateEnvelope",
    "compileEnvelope",
    "createBudget",
    "decide",
    "envelopeGuard",
    "formatUsd",
    "missionLeg",
    "openContained",
    "parseUsd",
    "protectObjects",
    "removeContained",
    "renameContained",
  ]);
});
