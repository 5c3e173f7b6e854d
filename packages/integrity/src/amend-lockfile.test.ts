import { amendLockfile, formatLockfile, parseLockfile, surfaceDigest } from "@sigilrt/integrity";
import { describe, expect, it } from "vitest";

const surface = surfaceDigest({ capabilities: [], hooks: [], tools: [] });
const digest = (letter: string): string => `tree1-sha256:${letter.repeat(64)}`;
const entry = (letter: string) => ({ digests: [digest(letter)], surface, version: "1.0.0" });
const texts = (outcome: ReturnType<typeof amendLockfile>): string =>
  outcome.ok ? formatLockfile(outcome.lock) : JSON.stringify(outcome.rejection);

describe("amendLockfile", () => {
  it("makes a lock from nothing, in the written form", () => {
    const outcome = amendLockfile(undefined, { demo: entry("a") });
    const text = texts(outcome);
    expect(parseLockfile(new TextEncoder().encode(text))).toEqual(outcome);
    expect(JSON.parse(text)).toEqual({
      lockfileVersion: 1,
      plugins: { demo: { digest: digest("a"), surface, version: "1.0.0" } },
    });
  });

  it("replaces one entry, takes one out and leaves the others", () => {
    const before = amendLockfile(undefined, { a: entry("a"), b: entry("b"), c: entry("c") });
    const lock = before.ok ? before.lock : undefined;
    const after = amendLockfile(lock, { b: entry("d"), c: undefined });
    expect(JSON.parse(texts(after))).toMatchObject({
      plugins: { a: { digest: digest("a") }, b: { digest: digest("d") } },
    });
    expect(texts(after)).not.toContain('"c"');
  });

  it("sorts several digests", () => {
    const both = { ...entry("b"), digests: [digest("b"), digest("a")] };
    expect(JSON.parse(texts(amendLockfile(undefined, { demo: both })))).toMatchObject({
      plugins: { demo: { digest: [digest("a"), digest("b")] } },
    });
  });

  it("leaves out entries of the legacy form", () => {
    const legacy = parseLockfile(new TextEncoder().encode(`{"old":"${"a".repeat(64)}"}`));
    const lock = legacy.ok ? legacy.lock : undefined;
    expect(texts(amendLockfile(lock, { demo: entry("a") }))).not.toContain("old");
  });

  it.each([
    ["an id", { "../x": entry("a") }, "plugin-id"],
    ["a digest", { demo: { ...entry("a"), digests: ["tree1-sha256:00"] } }, "digest"],
    ["no digest", { demo: { ...entry("a"), digests: [] } }, "digest"],
    ["a version", { demo: { ...entry("a"), version: "v1" } }, "version"],
    ["a surface", { demo: { ...entry("a"), surface: "none" } }, "surface"],
  ])("refuses %s that no lock may hold", (_what, entries, reason) => {
    expect(amendLockfile(undefined, entries)).toMatchObject({
      ok: false,
      rejection: { kind: "lockfile_malformed", reason },
    });
  });
});
