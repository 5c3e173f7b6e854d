import { linkSync, mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import {
  type Access,
  type Envelope,
  EnvelopeError,
  openContained,
  type OpenOutcome,
  removeContained,
  renameContained,
} from "@sigilrt/envelope";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NOW, OPERATION, Playground } from "./fixtures/playground.ts";

let place: Playground;
let envelope: Envelope;
beforeEach(async () => {
  place = new Playground();
  envelope = await place.envelope({ allowPaths: ["**"], denyPaths: ["denied"] });
});
afterEach(() => {
  place[Symbol.dispose]();
});

const open = (path: string, access: Access = "read"): Promise<OpenOutcome> =>
  openContained(envelope, { operation: OPERATION, path, access, now: NOW });
const reasonOf = async (path: string, access: Access = "read"): Promise<string> => {
  const outcome = await open(path, access);
  if (!outcome.ok) return outcome.reason;
  await outcome.file.close();
  return "open";
};
const write = async (path: string, access: Access, text: string): Promise<void> => {
  const outcome = await open(path, access);
  if (!outcome.ok) throw new Error(outcome.reason);
  await outcome.file.handle.write(text);
  expect(await outcome.file.publish()).toEqual({ ok: true });
  await outcome.file.close();
};
const read = (path: string): string => readFileSync(join(place.root, path), "utf8");

describe("openContained", () => {
  it("hands out an open handle, not a path", async () => {
    place.put("out/a", "inside");
    const outcome = await open("out/a");
    if (!outcome.ok) throw new Error(outcome.reason);
    // The original checked the path, and opened it again: what lay there then was another file.
    renameSync(join(place.root, "out"), join(place.root, "moved"));
    symlinkSync(join(place.folder, "outside"), join(place.root, "out"));
    expect(await outcome.file.handle.readFile("utf8")).toBe("inside");
    expect(Object.keys(outcome.file).toSorted()).toEqual(["close", "handle", "path", "publish"]);
    expect(outcome.file.path).toBe("out/a");
    await outcome.file.close();
  });

  it("reads, writes in place, appends and truncates", async () => {
    place.put("out/a", "12345");
    await write("out/a", "write", "ab");
    expect(read("out/a")).toBe("ab345");
    await write("out/a", "append", "!");
    expect(read("out/a")).toBe("ab345!");
    await write("out/a", "truncate", "z");
    expect(read("out/a")).toBe("z");
  });

  it("lets a new file appear whole, when it is published and not before", async () => {
    const outcome = await open("out/new", "create");
    if (!outcome.ok) throw new Error(outcome.reason);
    await outcome.file.handle.write("whole");
    expect(readdirSync(join(place.root, "out"))).toEqual([]);
    expect(await outcome.file.publish()).toEqual({ ok: true });
    expect(read("out/new")).toBe("whole");
    await outcome.file.close();
    expect(readdirSync(place.root)).toEqual(["out"]);
  });

  it("leaves nothing of a file that is not published", async () => {
    const outcome = await open("out/new", "create");
    if (outcome.ok) await outcome.file.close();
    expect(readdirSync(place.root, { recursive: true })).toEqual(["out"]);
  });

  it("replaces a file whole, and creates none over another", async () => {
    place.put("out/a", "old");
    await write("out/a", "replace", "new");
    await write("out/b", "replace", "b");
    expect([read("out/a"), read("out/b")]).toEqual(["new", "b"]);
    await expect(open("out/a", "create")).rejects.toThrow(EnvelopeError);
    expect(read("out/a")).toBe("new");
  });

  it("does not publish into a folder that was moved out of the root", async () => {
    const outcome = await open("out/new", "create");
    if (!outcome.ok) throw new Error(outcome.reason);
    await outcome.file.handle.write("x");
    renameSync(join(place.root, "out"), join(place.folder, "outside", "out"));
    expect(await outcome.file.publish()).toEqual({ ok: false, reason: "symlink_escape" });
    await outcome.file.close();
    expect(readdirSync(join(place.folder, "outside", "out"))).toEqual([]);
  });

  it("publishes its own file when another folder is put in the place of the private one", async () => {
    const outcome = await open("out/new", "create");
    if (!outcome.ok) throw new Error(outcome.reason);
    await outcome.file.handle.write("mine");
    const name = readdirSync(place.root).find((entry) => entry.startsWith(".sigil-draft-")) ?? "";
    renameSync(join(place.root, name), join(place.root, "moved"));
    symlinkSync(join(place.folder, "outside"), join(place.root, name));
    place.put("../outside/new", "not mine");
    expect(await outcome.file.publish()).toEqual({ ok: true });
    await outcome.file.close();
    expect(read("out/new")).toBe("mine");
    expect(readdirSync(join(place.folder, "outside")).toSorted()).toEqual(["new", "secret.txt"]);
  });

  it.each(["read", "write", "append", "truncate", "create", "replace"] as const)(
    "refuses what leads out of the root, for %s",
    async (access) => {
      symlinkSync(place.secret, join(place.root, "out/file"));
      symlinkSync(join(place.folder, "outside"), join(place.root, "out/folder"));
      symlinkSync("../../outside", join(place.root, "out/relative"));
      const secret = readFileSync(place.secret, "utf8");
      for (const path of ["out/file", "out/folder/secret.txt", "out/relative/secret.txt"]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        expect(await reasonOf(path, access)).toBe("symlink_escape");
      }
      expect(readFileSync(place.secret, "utf8")).toBe(secret);
      expect(readdirSync(join(place.folder, "outside"))).toEqual(["secret.txt"]);
    },
  );

  it("refuses looping links, and finds nothing behind dangling ones", async () => {
    symlinkSync("loop", join(place.root, "loop"));
    symlinkSync("nowhere", join(place.root, "dangling"));
    expect(await reasonOf("loop")).toBe("symlink_escape");
    expect(await reasonOf("loop/a")).toBe("symlink_escape");
    expect(await reasonOf("dangling", "create")).toBe("symlink_escape");
    await expect(open("dangling/a", "create")).rejects.toThrow(EnvelopeError);
  });

  it("decides again about where a link inside the root leads", async () => {
    place.put("denied/a");
    place.put("out/b");
    symlinkSync("denied", join(place.root, "alias"));
    symlinkSync("out", join(place.root, "fine"));
    expect(await reasonOf("alias/a")).toBe("path_denied");
    const outcome = await open("fine/b");
    expect(outcome.ok && outcome.file.path).toBe("out/b");
    if (outcome.ok) await outcome.file.close();
    envelope = await place.envelope({ allowPaths: ["fine/*"] });
    expect(await reasonOf("fine/b")).toBe("path_not_allowed");
  });

  it.each(["read", "write", "append", "truncate", "replace"] as const)(
    "refuses a file with a second name, for %s",
    async (access) => {
      linkSync(place.secret, join(place.root, "out/hard"));
      expect(await reasonOf("out/hard", access)).toBe("hard_link");
      expect(readFileSync(place.secret, "utf8")).toBe("SECRET");
    },
  );

  it("refuses folders and pipes, and does not wait for a pipe's other end", async () => {
    mkdirSync(join(place.root, "out/folder"));
    execFileSync("mkfifo", [join(place.root, "out/pipe")]);
    for (const access of ["read", "write", "append", "truncate"] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await reasonOf("out/folder", access)).toBe("special_file");
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await reasonOf("out/pipe", access)).toBe("special_file");
    }
  });

  it("decides as decide does before it looks at anything", async () => {
    expect(await reasonOf("../outside/secret.txt")).toBe("path_unsafe");
    expect(await reasonOf(place.secret)).toBe("path_outside_root");
    expect(await reasonOf("denied/x")).toBe("path_denied");
    const request = { operation: "exec.run", path: "out/a", access: "read", now: NOW } as const;
    expect(await openContained(envelope, request)).toEqual({ ok: false, reason: "op_not_allowed" });
  });

  it("closes once, however often it is asked", async () => {
    place.put("out/a");
    const outcome = await open("out/a");
    if (!outcome.ok) throw new Error(outcome.reason);
    await outcome.file.close();
    await expect(outcome.file.close()).resolves.toBeUndefined();
  });

  it("keeps no folder open", async () => {
    place.put("out/a");
    linkSync(place.secret, join(place.root, "out/hard"));
    const before = readdirSync("/proc/self/fd").length;
    for (let round = 0; round < 20; round += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      for (const path of ["out/a", "out/hard", "denied/a"]) await reasonOf(path);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await reasonOf("out/a", "replace");
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await open("out/none").catch(() => undefined);
    }
    expect(readdirSync("/proc/self/fd").length).toBeLessThanOrEqual(before + 1);
  });
});

describe("changes of names", () => {
  const at = { operation: OPERATION, now: NOW };

  it("delete and rename files inside", async () => {
    place.put("out/a", "a");
    expect(await renameContained(envelope, { ...at, path: "out/a", to: "out/b" })).toEqual({
      ok: true,
    });
    expect(read("out/b")).toBe("a");
    expect(await removeContained(envelope, { ...at, path: "out/b" })).toEqual({ ok: true });
    expect(readdirSync(join(place.root, "out"))).toEqual([]);
  });

  it("decide about both names", async () => {
    place.put("out/a", "a");
    const rename = (path: string, to: string): Promise<unknown> =>
      renameContained(envelope, { ...at, path, to });
    expect(await rename("out/a", "denied/a")).toEqual({ ok: false, reason: "path_denied" });
    expect(await rename("denied/a", "out/b")).toEqual({ ok: false, reason: "path_denied" });
    symlinkSync(join(place.folder, "outside"), join(place.root, "away"));
    expect(await rename("out/a", "away/a")).toEqual({ ok: false, reason: "symlink_escape" });
    expect(await rename("away/secret.txt", "out/s")).toEqual({
      ok: false,
      reason: "symlink_escape",
    });
    expect(readFileSync(place.secret, "utf8")).toBe("SECRET");
  });

  it("refuse folders, and a name that is taken", async () => {
    place.put("out/a", "a");
    place.put("out/b", "b");
    expect(await renameContained(envelope, { ...at, path: "out", to: "in" })).toEqual({
      ok: false,
      reason: "special_file",
    });
    expect(await removeContained(envelope, { ...at, path: "out" })).toEqual({
      ok: false,
      reason: "special_file",
    });
    await expect(renameContained(envelope, { ...at, path: "out/a", to: "out/b" })).rejects.toThrow(
      EnvelopeError,
    );
    expect([read("out/a"), read("out/b")]).toEqual(["a", "b"]);
  });
});
