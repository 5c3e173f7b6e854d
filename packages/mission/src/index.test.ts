import { expect, it } from "vitest";

it("exports what the README names, and nothing else", async () => {
  expect(Object.keys(await import("@sigilrt/mission")).toSorted()).toEqual([
    "MissionError",
    "fileWrite",
    "foldSteps",
    "modelCall",
    "openMission",
    "resumeMission",
    "runIdOf",
    "runSteps",
    "stepIdOf",
    "toolCall",
  ]);
});
