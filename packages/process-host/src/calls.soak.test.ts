import { setTimeout as pause } from "node:timers/promises";
import type { RunningPlugin } from "@sigilrt/lifecycle";
import { count } from "@sigilrt/testing/counts";
import { expect, it } from "vitest";
import { collect } from "./testing/collect.ts";
import { processFixture } from "./testing/process-fixture.ts";

const { signal } = new AbortController();
const call = (plugin: RunningPlugin, tool: string) =>
  collect(
    plugin.call(
      { tool, arguments: {}, requestId: tool, principal: { workspace: "w", user: "u" } },
      { signal, deadlineAt: Date.now() + 20_000 },
    ),
  );

it("takes no more memory for many calls than for a tenth of them", async () => {
  await using fixture = await processFixture();
  await using plugin = await fixture.host.start("echo", fixture.echo);
  const calls = count("calls");
  const rss = async (): Promise<number> => {
    // What has settled is let go of in the turns after.
    await pause(50);
    return process.memoryUsage().rss;
  };
  let early = 0;
  for (let made = 0; made < calls; made += 10) {
    // oxlint-disable-next-line no-await-in-loop -- ten at once
    await Promise.all(Array.from({ length: 10 }, () => call(plugin, "echo")));
    // oxlint-disable-next-line no-await-in-loop -- once
    if (made + 10 === calls / 10) early = await rss();
  }
  // What few calls make has not been compiled yet: the ratio holds from ten thousand on.
  const grown = (await rss()) / early;
  expect(grown).toBeLessThanOrEqual(calls >= 100_000 ? 1.1 : 2);
});
