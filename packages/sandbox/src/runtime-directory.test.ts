import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { prepareRuntimeDirectory } from "./runtime-directory.ts";
import { placeRuntime } from "./runtimes.ts";
import { codeOf } from "./testing/thrown.ts";

const own = process.getuid?.() ?? 0;
const self = { uid: own, gid: process.getgid?.() ?? 0, changes: false };
const stranger = { uid: own + 4_321, gid: own + 4_321, changes: true };

describe("the runtime directory", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(`${realpathSync(tmpdir())}/rd-`);
    chmodSync(root, 0o711);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("is made with mode 0711, whatever the mask", () => {
    prepareRuntimeDirectory(`${root}/r`, own, stranger);
    expect(statSync(`${root}/r`).mode & 0o7777).toBe(0o711);
    prepareRuntimeDirectory(`${root}/r`, own, stranger);
  });

  it("is refused when others may read or write it, when it is a link, a file, relative, long or another's", () => {
    mkdirSync(`${root}/open`);
    chmodSync(`${root}/open`, 0o755);
    mkdirSync(`${root}/real`, { mode: 0o711 });
    symlinkSync(`${root}/real`, `${root}/link`);
    writeFileSync(`${root}/file`, "");
    const paths = [
      `${root}/open`,
      `${root}/link`,
      `${root}/link/r`,
      `${root}/file`,
      "r",
      "",
      `${root}/${"x".repeat(60)}`,
      `${root}/none/r`,
    ];
    for (const path of paths) {
      expect(codeOf(() => prepareRuntimeDirectory(path, own, self))).toBe("PATH_REFUSED");
    }
    expect(codeOf(() => prepareRuntimeDirectory(`${root}/real`, own + 1, self))).toBe(
      "PATH_REFUSED",
    );
  });

  it("is refused, with the folder that blocks it, when the plugin's user cannot search it", () => {
    mkdirSync(`${root}/r`, { mode: 0o700 });
    expect(() => prepareRuntimeDirectory(`${root}/r`, own, stranger)).toThrow(`"${root}/r"`);
    prepareRuntimeDirectory(`${root}/r`, own, self);
  });

  it("takes a runtime from a closed home, once, where the plugin's user can run it", () => {
    mkdirSync(`${root}/home`, { mode: 0o700 });
    mkdirSync(`${root}/r`, { mode: 0o711 });
    writeFileSync(`${root}/home/tool`, "#!/bin/sh\n", { mode: 0o700 });
    const placed = placeRuntime("tool", `${root}/home/tool`, stranger, `${root}/r`);
    expect(placed.source.startsWith(`${root}/r/runtimes/tool-`)).toBe(true);
    expect(placed.target).toBe("/run/sigil/tool");
    expect(statSync(placed.source).mode & 0o777).toBe(0o755);
    expect(statSync(`${root}/home/tool`).mode & 0o777).toBe(0o700);
    expect(placeRuntime("tool", `${root}/home/tool`, stranger, `${root}/r`)).toEqual(placed);
  });

  it("takes a changed runtime anew", () => {
    mkdirSync(`${root}/home`, { mode: 0o700 });
    mkdirSync(`${root}/r`, { mode: 0o711 });
    writeFileSync(`${root}/home/tool`, "#!/bin/sh\n", { mode: 0o755 });
    const before = placeRuntime("tool", `${root}/home/tool`, stranger, `${root}/r`);
    rmSync(`${root}/home/tool`);
    writeFileSync(`${root}/home/tool`, "#!/bin/sh\nexit\n", { mode: 0o755 });
    expect(placeRuntime("tool", `${root}/home/tool`, stranger, `${root}/r`)).not.toEqual(before);
  });

  it("is left alone for a runtime that can be reached where it stands", () => {
    expect(placeRuntime("sh", "/bin/sh", stranger, `${root}/r`).source).toBe(
      realpathSync("/bin/sh"),
    );
  });

  it("is no help for a runtime that does not exist", () => {
    expect(codeOf(() => placeRuntime("none", `${root}/none`, self, `${root}/r`))).toBe(
      "TOOL_MISSING",
    );
    expect(codeOf(() => placeRuntime("none", root, self, `${root}/r`))).toBe("TOOL_MISSING");
  });
});
