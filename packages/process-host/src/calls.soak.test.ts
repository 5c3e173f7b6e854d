import type { RunningPlugin } from "@sigilrt/lifecycle";
import { count } from "@sigilrt/testing/counts";
import { expect, it } from "vitest";
import { collect } from "./testing/collect.ts";
import { processFixture } from "./testing/process-fixture.ts";
import { settledMemory } from "./testing/settled-memory.ts";

const { signal } = new AbortController();
const call = (plugin: RunningPlugin, tool: string) =>
  collect(
    plugin.call(
      { tool, arguments: {}, requestId: tool, principal: { workspace: "w", user: "u" } },
      { signal, deadlineAt: Date.now() + 20_000 },
    ),
  );

it("takes no more memory for many calls than for a tenth of them", async ({ annotate }) => {
  await using fixture = await processFixture();
  await using plugin = await fixture.host.start("echo", fixture.echo);
  const calls = count("calls");
  const rss: number[] = [];
  for (let made = 10; made <= calls; made += 10) {
    // oxlint-disable-next-line no-await-in-loop -- ten at once
    await Promise.all(Array.from({ length: 10 }, () => call(plugin, "echo")));
    // oxlint-disable-next-line no-await-in-loop -- twenty times
    if (made % (calls / 20) === 0) rss.push((await settledMemory()).rss);
  }
  expect(rss).toHaveLength(20);
  await annotate(`resident MiB: ${rss.map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(" ")}`);
  // What few calls make has not been compiled yet: the ratio holds from ten thousand on.
  const grown = (rss.at(-1) ?? 0) / (rss[1] ?? 0);
  expect(grown).toBeLessThanOrEqual(calls >= 100_000 ? 1.1 : 2);
});
