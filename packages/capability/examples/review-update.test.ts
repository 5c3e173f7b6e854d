import { readFileSync } from "node:fs";
import { expect, it, vi } from "vitest";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

it("prints what the update needs", async () => {
  const log = vi.spyOn(console, "log").mockReturnValue();
  await import("./review-update.ts");
  const lines = log.mock.calls.map((words) => words.join(" "));
  log.mockRestore();
  expect(lines).toEqual([
    "filesystem.read./data/a.txt true",
    "net.connect.api.telegram.org:443",
    "needs consent: filesystem.read./*",
    "filesystem.read./data/* is cut at filesystem.read./data/secret",
  ]);
});

it("stands in the README as it is", () => {
  expect(read("../README.md")).toContain(`\`\`\`ts\n${read("./review-update.ts")}\`\`\``);
});
