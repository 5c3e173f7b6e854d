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

  it("show that a server sees a password by hand, and only what was declared behind the gateway", async () => {
    const [, byHand = "", contained = ""] = (await play("two-lives")).split(/^# .*$/mu);
    expect(byHand).toContain("hunter22");
    expect(contained).toContain('"SAMPLE_GREETING": "hello from the manifest"');
    expect(contained).not.toMatch(/hunter22|BANK_PASSWORD|SIGIL_CONFIG/u);
  }, 300_000);

  it("show a read refused to who may not ask, and a file that is not there for who may", async () => {
    const [, denied = "", absent = "", record = ""] = (await play("denied-read")).split(/^# .*$/mu);
    expect(denied).toMatch(/\(exit code 3\)\ndenied, not_allowed\n/u);
    expect(absent).toMatch(/ENOENT.*secret\.txt'\n\(exit code 3\)/u);
    expect(record).toMatch(/denied.*ben@home/u);
    expect(record).toMatch(/allowed.*ada@home/u);
    expect(denied + absent).not.toContain("the account is 42");
  }, 300_000);
});
