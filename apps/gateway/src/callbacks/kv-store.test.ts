import { mkdtempSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "@sigilrt/testing/remove-folder";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openKvStore } from "./kv-store.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(realpathSync(tmpdir()), "kv-"))));
afterEach(() => removeFolder(folder));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const all = { limit: 1_000 };

describe("the store of plugins' values", () => {
  it("keeps values over a restart, in a folder for the gateway alone", async () => {
    {
      await using store = await openKvStore(join(folder, "kv"));
      store.space("a", ["w", "u"]).put("k", bytes("1"));
    }
    await using again = await openKvStore(join(folder, "kv"));
    expect(again.space("a", ["w", "u"]).get("k")).toEqual({ value: bytes("1"), version: 1 });
    expect(statSync(join(folder, "kv")).mode & 0o777).toBe(0o700);
  });

  it("shows no space to another, however names are cut", async () => {
    await using store = await openKvStore(folder);
    const spaces = [
      ["a", ["w", "u"]],
      ["a", ["w", "v"]],
      ["a", ["wu"]],
      ["a", ['w","u']],
      ["a", []],
      ["aw", ["u"]],
      ["b", ["w", "u"]],
    ] as const;
    for (const [plugin, scope] of spaces) {
      const space = store.space(plugin, scope);
      expect([space.get("k"), space.list("", all).keys]).toEqual([undefined, []]);
      space.put("k", bytes(JSON.stringify([plugin, scope])));
      expect(space.delete("other")).toBe(false);
    }
    for (const [plugin, scope] of spaces) {
      const found = store.space(plugin, scope).get("k");
      expect(found?.value).toEqual(bytes(JSON.stringify([plugin, scope])));
    }
  });

  it("writes over the expected version alone, and never takes a new value for an old one", async () => {
    await using store = await openKvStore(folder);
    const space = store.space("a", []);
    expect(space.put("k", bytes("1"), 0)).toEqual({ stored: true, version: 1 });
    expect(space.put("k", bytes("2"), 0)).toEqual({ stored: false, version: 1 });
    expect(space.delete("k")).toBe(true);
    expect(space.put("k", bytes("3"), 1)).toEqual({ stored: false, version: 0 });
    const { version } = space.put("k", bytes("3"), 0);
    expect(version).toBeGreaterThan(1);
    expect(space.put("k", bytes("4"), 1)).toEqual({ stored: false, version });
  });

  it("treats a key as bytes, whatever it says to a database", async () => {
    await using store = await openKvStore(folder);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.string({ unit: "binary", minLength: 1, maxLength: 12 }), {
          maxLength: 12,
        }),
        fc.string({ unit: "binary", maxLength: 2 }),
        fc.uuid(),
        async (keys, prefix, plugin) => {
          const space = store.space(plugin, []);
          for (const key of ["'; DROP TABLE entries; --", "%", "_\0", ...keys]) {
            space.put(key, bytes(key));
          }
          const listed: string[] = [];
          for (let after: string | undefined; ;) {
            const page = space.list(prefix, { limit: 2, ...(after ? { after } : {}) });
            listed.push(...page.keys);
            if (page.next === undefined) break;
            after = page.next;
          }
          const known = new Set(["'; DROP TABLE entries; --", "%", "_\0", ...keys]);
          const wanted = [...known].filter((key) => key.startsWith(prefix));
          expect(listed.toSorted()).toEqual(wanted.toSorted());
          for (const key of known) expect(space.get(key)?.value).toEqual(bytes(key));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("refuses keys that are none, values that are too large, and what no longer fits", async () => {
    await using store = await openKvStore(folder, { spaceBytes: 100, keys: 3, valueBytes: 60 });
    const space = store.space("a", []);
    for (const key of ["", "\uD800", "x".repeat(1_025), "é".repeat(513)]) {
      for (const act of [
        () => space.get(key),
        () => space.put(key, bytes("")),
        () => space.delete(key),
      ]) {
        expect(act).toThrow(expect.objectContaining({ code: "MALFORMED" }));
      }
    }
    expect(() => space.put("k", new Uint8Array(61))).toThrow(
      expect.objectContaining({ code: "TOO_LARGE" }),
    );
    space.put("k", new Uint8Array(60));
    expect(() => space.put("l", new Uint8Array(39))).toThrow(
      expect.objectContaining({ code: "FULL" }),
    );
    // What does not fit changes nothing, another space has its own, and what is replaced or deleted is free again.
    expect(space.get("k")?.value.byteLength).toBe(60);
    expect(store.space("b", []).put("l", new Uint8Array(60)).stored).toBe(true);
    space.put("k", new Uint8Array(10));
    space.put("l", new Uint8Array(39));
    space.put("m", new Uint8Array(1));
    expect(() => space.put("n", new Uint8Array())).toThrow(
      expect.objectContaining({ code: "FULL" }),
    );
    space.delete("l");
    expect(space.put("n", new Uint8Array()).stored).toBe(true);
  });

  it("says which file is no store", async () => {
    writeFileSync(join(folder, "kv.sqlite"), "no database, however long this text is".repeat(200));
    await using store = await openKvStore(folder);
    expect(() => store.space("a", [])).toThrow(/kv\.sqlite.*not a database.*restore/u);
  });
});
