import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openBox, sealSecret } from "./secret-box.ts";
import { type SecretStore, secretStore } from "./secret-store.ts";

let folder: string;
let store: SecretStore;
const key = (): string => join(folder, "secrets.key");
const box = (plugin: string, name: string): string =>
  join(folder, "secrets", plugin, `${name}.json`);
const token = { plugin: "demo", name: "token" };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "secrets-"));
  store = secretStore({ boxes: join(folder, "secrets"), key: key() });
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the store of secrets", () => {
  it("gives a plugin the values of the names that are asked for, and no others", async () => {
    await store.set(token, "hunter22");
    await store.set({ plugin: "demo", name: "seed" }, "another");
    await store.set({ plugin: "other", name: "token" }, "of another plugin");
    expect(await store.resolve("demo", ["token", "absent"])).toEqual({ token: "hunter22" });
    expect(await store.resolve("ghost", ["token"])).toEqual({});
    expect(await store.list("demo")).toMatchObject([{ name: "seed" }, { name: "token" }]);
    await store.set(token, "rotated");
    expect(await store.resolve("demo", ["token"])).toEqual({ token: "rotated" });
    expect([await store.remove(token), await store.remove(token)]).toEqual([true, false]);
    expect(await store.resolve("demo", ["token"])).toEqual({});
  });

  it("writes no value and lets nobody else read", async () => {
    await store.set(token, "hunter22");
    const text = readFileSync(box("demo", "token"), "utf8");
    expect(text).not.toMatch(/hunter22|aHVudGVyMjI/u);
    const modes = [key(), box("demo", "token"), join(folder, "secrets/demo")];
    expect(modes.map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual([
      "600",
      "600",
      "700",
    ]);
    expect(readdirSync(join(folder, "secrets/demo"))).toEqual(["token.json"]);
  });

  it("makes one key and keeps it, also when two secrets are set at once", async () => {
    const names = ["one", "two", "three"];
    await Promise.all(names.map((name) => store.set({ plugin: "demo", name }, `value ${name}`)));
    expect(await store.resolve("demo", names)).toEqual({
      one: "value one",
      two: "value two",
      three: "value three",
    });
    expect(readdirSync(folder).toSorted()).toEqual(["secrets", "secrets.key"]);
  });

  it.each([
    ["name", "demo", "other"],
    ["plugin", "evil", "token"],
  ])("opens no box that was copied to another %s", async (_what, plugin, name) => {
    await store.set(token, "hunter22");
    mkdirSync(join(folder, "secrets", plugin), { recursive: true });
    copyFileSync(box("demo", "token"), box(plugin, name));
    await expect(store.resolve(plugin, [name])).rejects.toThrow("moved here from another name");
    expect(await store.resolve("demo", ["token"])).toEqual({ token: "hunter22" });
  });

  it.each(["nonce", "tag", "sealed", "set"])("opens no box whose %s was changed", async (part) => {
    await store.set(token, "hunter22");
    const found: Record<string, string> = JSON.parse(readFileSync(box("demo", "token"), "utf8"));
    const before = found[part] ?? "";
    const first = part === "set" ? "1" : before.startsWith("A") ? "B" : "A";
    found[part] = part === "set" ? `1${before.slice(1)}` : `${first}${before.slice(1)}`;
    writeFileSync(box("demo", "token"), JSON.stringify(found));
    await expect(store.resolve("demo", ["token"])).rejects.toThrow(
      'Cannot open secret "token" of "demo"',
    );
  });

  it.each([
    ["text", "hunter22"],
    ["nothing", ""],
    ["more members", JSON.stringify({ format: "sigil.secret/1", extra: 1 })],
    ["far too much", "x".repeat(100_000)],
  ])("opens no box of %s", async (_what, text) => {
    await store.set(token, "hunter22");
    writeFileSync(box("demo", "token"), text);
    await expect(store.resolve("demo", ["token"])).rejects.toThrow("its box is damaged");
  });

  it("opens no box with another key, and says so where the key is gone", async () => {
    await store.set(token, "hunter22");
    writeFileSync(key(), Buffer.alloc(32, 1));
    await expect(store.resolve("demo", ["token"])).rejects.toThrow("sealed with another key");
    rmSync(key());
    await expect(store.resolve("demo", ["token"])).rejects.toThrow("it is missing");
  });

  it.each([0o640, 0o604, 0o620, 0o666])(
    "uses no key that others may reach: mode %o",
    async (mode) => {
      await store.set(token, "hunter22");
      chmodSync(key(), mode);
      const remedy = /others may reach it \(mode 6\d\d\); run chmod 600/u;
      await expect(store.resolve("demo", ["token"])).rejects.toThrow(remedy);
      await expect(store.set(token, "again")).rejects.toThrow(remedy);
    },
  );

  it("uses no key that is a link or damaged, and follows no link to a box", async () => {
    await store.set(token, "hunter22");
    renameSync(key(), join(folder, "elsewhere"));
    symlinkSync("elsewhere", key());
    await expect(store.resolve("demo", ["token"])).rejects.toThrow("it is a link");
    rmSync(key());
    writeFileSync(key(), "short", { mode: 0o600 });
    await expect(store.resolve("demo", ["token"])).rejects.toThrow("it is damaged: 5 bytes");
    rmSync(box("demo", "token"));
    symlinkSync("/etc/passwd", box("demo", "token"));
    await expect(store.resolve("demo", ["token"])).rejects.toThrow("ELOOP");
  });

  it.each([
    ["../demo", "token"],
    ["demo", "../token"],
    ["demo", "a/b"],
    ["demo/..", "token"],
    ["", "token"],
    ["demo", "__proto__"],
    ["demo", "token.json"],
  ])("has no place for secret %j of %j", async (plugin, name) => {
    await expect(store.set({ plugin, name }, "hunter22")).rejects.toThrow("it is none that");
    await expect(store.resolve(plugin, [name])).rejects.toThrow("it is none that");
    await expect(store.remove({ plugin, name })).rejects.toThrow("it is none that");
  });

  it.each([
    ["is empty", ""],
    ["holds a NUL byte", "hunter\0two"],
    ["is over 16384 bytes", "ä".repeat(8_193)],
  ])("keeps no value that %s", async (state, value) => {
    await expect(store.set(token, value)).rejects.toThrow(`its value ${state}`);
    expect(await store.resolve("demo", ["token"])).toEqual({});
  });
});

describe("a box", () => {
  const bytes = Buffer.alloc(32, 7);
  const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/u);

  it("opens to what was sealed, under its own name alone", () => {
    fc.assert(
      fc.property(
        name,
        name,
        name,
        fc.string({ unit: "grapheme" }),
        (plugin, one, other, value) => {
          const sealed = sealSecret(
            bytes,
            { plugin, name: one },
            value,
            "2026-01-02T03:04:05.000Z",
          );
          expect(openBox(bytes, { plugin, name: one }, sealed)).toBe(value);
          fc.pre(one !== other);
          expect(() => openBox(bytes, { plugin, name: other }, sealed)).toThrow("Cannot open");
        },
      ),
    );
  });

  it("is another one each time", () => {
    const seal = (): string => sealSecret(bytes, token, "x", "2026-01-02T03:04:05.000Z");
    expect(seal()).not.toBe(seal());
  });
});
