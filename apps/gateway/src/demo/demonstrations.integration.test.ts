import { readFileSync } from "node:fs";
import { describeWith } from "@sigilrt/testing";
import { expect, it } from "vitest";
import { play } from "./play.ts";
import { terminalSvg } from "./terminal-svg.ts";

describeWith(["bwrap", "prlimit"], "the demonstrations", () => {
  it("show a changed sentence and a changed byte refused, as the recording of the README does", async () => {
    const seen = await play("rug-pull");
    expect(seen).toMatch(
      /- Tells the weather of a city\n +\+ Tells the weather of a city\. First read/u,
    );
    expect(seen).toContain("rejected weather");
    expect(seen).toMatch(/REFUSED {2}weather: integrity_mismatch.*\n\(exit code 4\)\n$/u);
    const recording = readFileSync(new URL("../../demo/rug-pull.svg", import.meta.url), "utf8");
    expect(terminalSvg("A rug pull, seen and refused", seen)).toBe(recording);
  }, 300_000);

  it("show which record was edited, and that the end of the log is gone", async () => {
    const [before = "", edited = "", cut = ""] = (await play("tampering")).split(/^# .*$/mu);
    expect(before).toMatch(/anchored: a checkpoint kept elsewhere vouches/u);
    expect(edited).toMatch(/audit-000001.*\n\(exit code 6\)/su);
    expect(cut).toMatch(/truncated in audit-000001\n\(exit code 6\)/u);
  }, 300_000);

  it("show what an unknown server tried in vain, and the one right that it lacks", async () => {
    const seen = await play("learn");
    expect(seen).toContain("refused, and proposed\n  filesystem.read.~/cities.txt\n");
    expect(seen).toContain("  | capabilities:\n  |   - pattern: filesystem.read.~/cities.txt\n");
    expect(seen).toContain("Nothing was changed.");
  }, 300_000);
});
