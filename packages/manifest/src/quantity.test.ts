import { compareVersions, ManifestError, parseDuration, parseSize } from "@sigilrt/manifest";
import { describe, expect, it } from "vitest";

describe("parseDuration", () => {
  it.each([
    ["30s", 30_000],
    ["1m30s", 90_000],
    ["500ms", 500],
    ["2h", 7_200_000],
    ["1h1m1s1ms", 3_661_001],
    ["24h", 86_400_000],
    ["0s", 0],
  ])("reads %s", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    ["-1s", "duration.negative"],
    ["1.5s", "duration.malformed"],
    ["30", "duration.malformed"],
    ["", "duration.malformed"],
    ["1d", "duration.malformed"],
    ["1s1m", "duration.malformed"],
    ["1s1s", "duration.malformed"],
    ["1 s", "duration.malformed"],
    ["1S", "duration.malformed"],
    [`${"9".repeat(40)}s`, "duration.malformed"],
    ["24h1ms", "duration.range"],
  ])("refuses %j", (text, rule) => {
    expect(() => parseDuration(text)).toThrow(ManifestError);
    expect(() => parseDuration(text)).toThrow(rule);
  });
});

describe("parseSize", () => {
  it.each([
    ["1Ki", 1_024],
    ["256Mi", 268_435_456],
    ["1k", 1_000],
    ["2G", 2_000_000_000],
    ["7", 7],
    [7, 7],
  ])("reads %s", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each([
    ["0", "size.range"],
    [0, "size.range"],
    ["1.5Mi", "size.malformed"],
    [1.5, "size.malformed"],
    ["-1", "size.malformed"],
    [-1, "size.malformed"],
    ["64mi", "size.malformed"],
    ["1MB", "size.malformed"],
    ["", "size.malformed"],
    [Number.NaN, "size.malformed"],
    [Number.POSITIVE_INFINITY, "size.malformed"],
    ["9007199254740992", "size.range"],
    ["9999999Ti", "size.range"],
  ])("refuses %s", (text, rule) => {
    expect(() => parseSize(text)).toThrow(rule);
  });
});

describe("compareVersions", () => {
  // The example of SemVer 2.0.0 section 11, in order.
  const ordered = [
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.10.0",
    "2.0.0",
  ];

  it.each(ordered.slice(1).map((newer, index) => [ordered[index] ?? "", newer]))(
    "puts %s before %s",
    (older, newer) => {
      expect(compareVersions(older, newer)).toBeLessThan(0);
      expect(compareVersions(newer, older)).toBeGreaterThan(0);
      expect(compareVersions(newer, `${newer}+build`)).toBe(0);
    },
  );

  it("has no order for what is no version", () => {
    expect(compareVersions("1.0", "1.0.0")).toBeUndefined();
  });
});
