import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPluginSpace } from "./plugin-space.ts";

// Whoever runs the tests may give files to itself, so that both ways are walked without root.
const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const modeOf = (path: string): number => statSync(path).mode & 0o777;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "space-"));
  chmodSync(folder, 0o711);
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("the plugins' folders", () => {
  it("lie in the data folder, to be searched and not listed, one writable folder for each scope", async () => {
    const data = join(folder, "data");
    const space = await openPluginSpace(data, self);
    expect([space.store, space.run, space.elsewhere]).toEqual([
      join(data, "store"),
      join(data, "run"),
      undefined,
    ]);
    expect([data, space.store, space.run].map(modeOf)).toEqual([0o711, 0o711, 0o711]);
    const ada = await space.dataFolder("notes", ["home", "ada"]);
    const others = [
      await space.dataFolder("notes", ["home", "ben"]),
      await space.dataFolder("notes", ["homea", "da"]),
      await space.dataFolder("notes", []),
      await space.dataFolder("files", ["home", "ada"]),
    ];
    expect(new Set([ada, ...others]).size).toBe(5);
    expect(modeOf(ada)).toBe(0o700);
    expect(await space.dataFolder("notes", ["home", "ada"])).toBe(ada);
  });

  it("lie elsewhere where the plugins' user could not search what is above, which stays closed", async () => {
    const closed = join(folder, "closed");
    mkdirSync(closed, { mode: 0o700 });
    const space = await openPluginSpace(join(closed, "data"), self, join(folder, "elsewhere"));
    expect(space.store.startsWith(join(folder, "elsewhere/"))).toBe(true);
    expect(space.elsewhere).toContain(`cannot search ${closed}`);
    expect(modeOf(closed)).toBe(0o700);
  });

  it("are refused when somebody planted a link in their place, and what it leads to stays closed", async () => {
    const target = join(folder, "private");
    mkdirSync(target, { mode: 0o700 });
    const data = join(folder, "data");
    mkdirSync(data);
    symlinkSync(target, join(data, "run"));
    await expect(openPluginSpace(data, undefined)).rejects.toThrow(
      `Cannot use folder "${join(data, "run")}" for plugins: it is a link; remove it`,
    );
    expect(modeOf(target)).toBe(0o700);
  });

  it("keep the path of sockets short, however long that of the data folder is", async () => {
    const { env } = process;
    const before = env["XDG_RUNTIME_DIR"];
    env["XDG_RUNTIME_DIR"] = folder;
    try {
      const data = join(folder, "a-folder-with-a-long-name-such-as-people-have/data");
      const { run } = await openPluginSpace(data, undefined);
      expect(run.startsWith(join(folder, "sigil-"))).toBe(true);
      expect(run.length).toBeLessThanOrEqual(60);
    } finally {
      if (before === undefined) delete env["XDG_RUNTIME_DIR"];
      else env["XDG_RUNTIME_DIR"] = before;
    }
  });
});
