import { expect, it } from "vitest";
import { eventsOf, type StreamEvent } from "./event-text.ts";

async function eventsIn(...parts: readonly string[]): Promise<readonly StreamEvent[]> {
  async function* stream(): AsyncGenerator<string> {
    yield* parts;
  }
  const events: StreamEvent[] = [];
  for await (const event of eventsOf(stream())) events.push(event);
  return events;
}

it("reads events however their text is cut", async () => {
  const text =
    "retry: 1000\n\n: beat\n\nid: e/1\nevent: decision\ndata: {}\n\nevent: dropped\ndata: 7\n\n";
  const wanted = [
    { id: "e/1", type: "decision", data: "{}" },
    { id: undefined, type: "dropped", data: "7" },
  ];
  expect(await eventsIn(text)).toEqual(wanted);
  expect(await eventsIn(...text.split(/(?=[^])/u))).toEqual(wanted);
});

it("keeps no event that has not ended", async () => {
  expect(await eventsIn("id: e/1\ndata: {")).toEqual([]);
});

it("refuses an event that never ends", async () => {
  await expect(eventsIn(`data: ${"x".repeat(70_000)}`)).rejects.toThrow("too large");
});
