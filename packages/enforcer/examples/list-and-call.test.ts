import { readFileSync } from "node:fs";
import { expect, it, vi } from "vitest";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

it("prints what is listed, called, denied and revoked", async () => {
  const log = vi.spyOn(console, "log").mockReturnValue();
  await import("./list-and-call.ts");
  const lines = log.mock.calls.map((words) => words.join(" "));
  log.mockRestore();
  const printed = `\`\`\`text\n${lines.join("\n")}\n\`\`\``;
  expect(lines).toHaveLength(8);
  expect(read("../README.md")).toContain(printed);
});

it("stands in the README as it is", () => {
  expect(read("../README.md")).toContain(`\`\`\`ts\n${read("./list-and-call.ts")}\`\`\``);
});
