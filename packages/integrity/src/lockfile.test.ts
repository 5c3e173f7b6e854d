import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  formatLockfile,
  type Lockfile,
  type LockfileOutcome,
  parseLockfile,
  readLockfile,
  writeLockfile,
} from "@sigilrt/integrity";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = fc.stringMatching(/^[0-9a-f]{64}$/u);
const entry = fc.record({
  digests: fc
    .uniqueArray(hex, { minLength: 1, maxLength: 3 })
    .map((list) => list.map((digest) => `tree1-sha256:${digest}`).toSorted()),
  surface: hex.map((digest) => `jcs-sha256:${digest}`),
  version: fc.stringMatching(
    /^(?:0|[1-9]\d{0,3})\.(?:0|[1-9]\d?)\.(?:0|[1-9]\d?)(?:-rc\.[1-9])?$/u,
  ),
});
const id = fc
  .stringMatching(/^[a-z][a-z0-9-]{0,10}$/u)
  .filter((name) => name !== "con" && name !== "aux" && name !== "nul" && name !== "prn");
const locks = fc
  .dictionary(id, entry, { maxKeys: 5 })
  .map((plugins): Lockfile => ({ version: 1, plugins }) as unknown as Lockfile);

const demo = `{
  "lockfileVersion": 1,
  "plugins": {
    "demo": {
      "digest": "tree1-sha256:${"a".repeat(64)}",
      "surface": "jcs-sha256:${"b".repeat(64)}",
      "version": "1.4.2"
    }
  }
}
`;
const parsed = (text: string): LockfileOutcome => parseLockfile(bytes(text));
const reasonOf = (text: string): unknown => {
  const outcome = parsed(text);
  return outcome.ok ? "ok" : outcome.rejection;
};

describe("parseLockfile", () => {
  it("reads back what formatLockfile writes", () => {
    fc.assert(
      fc.property(locks, (lock) => {
        const outcome = parsed(formatLockfile(lock));
        expect(outcome).toEqual({ ok: true, lock });
        expect(outcome.ok && formatLockfile(outcome.lock)).toBe(formatLockfile(lock));
      }),
    );
  });

  it("lock carries version, algorithm, version of plugin, tool surface", () => {
    expect(parsed(demo)).toEqual({
      ok: true,
      lock: {
        version: 1,
        plugins: {
          demo: {
            digests: [`tree1-sha256:${"a".repeat(64)}`],
            surface: `jcs-sha256:${"b".repeat(64)}`,
            version: "1.4.2",
          },
        },
      },
    });
  });

  it("hands out nothing that can be changed and nothing inherited", () => {
    const outcome = parsed(demo);
    const { plugins } = outcome.ok ? outcome.lock : { plugins: {} };
    expect(Object.isFrozen(plugins)).toBe(true);
    expect(Object.getPrototypeOf(plugins)).toBeNull();
    expect(Object.values(plugins).every(Object.isFrozen)).toBe(true);
  });

  it("names the line where the spelling differs", () => {
    expect(reasonOf(demo.replace('"1.4.2"', '"1.4.2" '))).toEqual({
      kind: "lockfile_malformed",
      reason: "not-canonical",
      line: 7,
    });
  });

  it.each([
    [
      "a list of one digest",
      demo.replace(/"(tree1-[^"]+)"/u, '[\n        "$1"\n      ]'),
      "digest",
    ],
    ["a leading v", demo.replace("1.4.2", "v1.4.2"), "version"],
    ["two parts", demo.replace("1.4.2", "1.4"), "version"],
    ["a leading zero", demo.replace("1.4.2", "01.4.2"), "version"],
    [
      "no signers",
      demo.replace('",\n      "surface"', '",\n      "signers": [],\n      "surface"'),
      "signers",
    ],
    ["a parent folder", demo.replace('"demo"', '"a..b"'), "plugin-id"],
    ["two slashes", demo.replace('"demo"', '"a/b/c"'), "plugin-id"],
    ["capitals", demo.replace('"demo"', '"Demo"'), "plugin-id"],
    [
      "a plugin that is a list",
      '{\n  "lockfileVersion": 1,\n  "plugins": {\n    "a": []\n  }\n}\n',
      "type",
    ],
  ])("refuses %s", (_fault, text, reason) => {
    expect(reasonOf(text)).toMatchObject({ kind: "lockfile_malformed", reason });
  });

  it("refuses more bytes than it was told to read, and to read without bound", () => {
    expect(parseLockfile(bytes(demo), { maxBytes: 64 })).toMatchObject({
      rejection: { reason: "too-large" },
    });
    expect(parseLockfile(new Uint8Array(65_537))).toMatchObject({
      rejection: { reason: "too-large" },
    });
    expect(() => parseLockfile(bytes(demo), { maxBytes: 1_048_577 })).toThrow(RangeError);
    expect(() => parseLockfile(bytes(demo), { maxBytes: Number.NaN })).toThrow(RangeError);
  });

  it("answers with a value for every mutation of a lock file", () => {
    fc.assert(
      fc.property(fc.nat(demo.length - 1), fc.nat(255), (place, byte) => {
        const mutated = bytes(demo);
        mutated[place] = byte;
        const outcome = parseLockfile(mutated);
        const rewritten = outcome.ok ? formatLockfile(outcome.lock) : "";
        expect(outcome.ok ? rewritten : "refused").toBe(
          outcome.ok ? new TextDecoder().decode(mutated) : "refused",
        );
      }),
    );
  });

  it("does not write the legacy form", () => {
    const legacy = parsed("{}");
    expect(() => formatLockfile((legacy as { readonly lock: Lockfile }).lock)).toThrow(TypeError);
  });
});

describe("lock files on disk", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "integrity-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const at = (name: string): string => join(folder, name);

  it("writes the whole file or nothing, and leaves no draft", async () => {
    const outcome = parsed(demo);
    await writeLockfile(at("plugins.lock"), (outcome as { readonly lock: Lockfile }).lock);
    expect(readFileSync(at("plugins.lock"), "utf8")).toBe(demo);
    expect(readdirSync(folder)).toEqual(["plugins.lock"]);
    expect(await readLockfile(at("plugins.lock"))).toEqual(outcome);
  });

  it("refuses a second writer and leaves the file as it was", async () => {
    const { lock } = parsed(demo) as { readonly lock: Lockfile };
    writeFileSync(at("plugins.lock"), "{}");
    writeFileSync(at("plugins.lock.lock"), "");
    await expect(writeLockfile(at("plugins.lock"), lock)).rejects.toThrow(
      expect.objectContaining({ name: "IntegrityError", code: "LOCK_BUSY" }),
    );
    expect(readFileSync(at("plugins.lock"), "utf8")).toBe("{}");
    expect(readdirSync(folder)).toEqual(["plugins.lock", "plugins.lock.lock"]);
  });

  it("cannot write into a folder that is not there", async () => {
    const { lock } = parsed(demo) as { readonly lock: Lockfile };
    await expect(writeLockfile(at("absent/plugins.lock"), lock)).rejects.toThrow(
      expect.objectContaining({ code: "IO" }),
    );
  });

  it("reads PLUGINS.lock too, but not beside plugins.lock", async () => {
    writeFileSync(at("PLUGINS.lock"), "{}");
    expect(await readLockfile(at("plugins.lock"))).toMatchObject({
      ok: true,
      lock: { version: 0 },
    });
    writeFileSync(at("plugins.lock"), demo);
    expect(await readLockfile(at("plugins.lock"))).toEqual({
      ok: false,
      rejection: { kind: "lockfile_malformed", reason: "ambiguous" },
    });
  });

  it("takes a missing lock file, a link and a folder for unreadable", async () => {
    const unreadable = {
      ok: false,
      rejection: { kind: "lockfile_malformed", reason: "unreadable" },
    };
    expect(await readLockfile(at("plugins.lock"))).toEqual(unreadable);
    writeFileSync(at("real"), demo);
    symlinkSync(at("real"), at("plugins.lock"));
    expect(await readLockfile(at("plugins.lock"))).toEqual(unreadable);
    expect(await readLockfile(folder)).toEqual(unreadable);
  });

  it("does not read a lock file of any size into memory", async () => {
    writeFileSync(at("plugins.lock"), "x".repeat(200_000));
    expect(await readLockfile(at("plugins.lock"))).toMatchObject({
      rejection: { reason: "too-large" },
    });
  });
});
