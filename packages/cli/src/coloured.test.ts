import { describe, expect, it } from "vitest";
import { showFindings } from "./doctor-verb.ts";
import type { Finding } from "./doctor-verb.ts";

const findings: readonly Finding[] = [
  { subject: "store", state: "ok", detail: "a\u001b[31m" },
  { subject: "keys", state: "failed", detail: "mode 644", remedy: "chmod 600" },
];
function shown(isColoured: boolean, json = false): string {
  const out: string[] = [];
  const terminal = { out: (line: string): void => void out.push(line), err: (): void => undefined };
  showFindings(findings, { json }, isColoured ? { ...terminal, isColoured } : terminal);
  return out.join("\n");
}

describe("colours", () => {
  it("are on a terminal alone, and never in JSON", () => {
    expect(shown(false)).not.toContain("\u001b");
    expect(shown(true, true)).not.toContain("\u001b");
    expect(shown(true)).toContain("\u001b[32mok      \u001b[0m store");
    expect(shown(true)).toContain("\u001b[31mfailed  \u001b[0m keys");
  });

  it("leave text of others escaped", () => {
    expect(shown(true)).toContain("a\\u{1b}[31m");
  });
});
