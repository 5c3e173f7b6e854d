import {
  chmodSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compilePolicy } from "./policy.ts";
import { checkSources, type SourceContext } from "./sources.ts";
import { request } from "./testing/requests.ts";
import { codeOf } from "./testing/thrown.ts";

const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, changes: false };

describe("what stands under mounts and masks", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(`${realpathSync(tmpdir())}/sources-`);
    for (const name of ["code", "data", "out", "out/sub", "run"]) mkdirSync(`${root}/${name}`);
    writeFileSync(`${root}/out/file`, "");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const open = (changes: Parameters<typeof request>[0], context: Partial<SourceContext> = {}) =>
    checkSources(compilePolicy(request({ code: `${root}/code`, ...changes })), {
      identity: self,
      nestedMounts: "safe",
      runtimeDirectory: `${root}/run`,
      ...context,
    });
  const check = (...given: Parameters<typeof open>) => {
    const opened = open(...given);
    opened.close();
    return opened.masks;
  };
  const out = () => [`filesystem.write.${root}/out/*`];

  it("is looked at to choose the mask", () => {
    const readDeny = [`${root}/out/file`, `${root}/out/sub/*`];
    expect(check({ grants: out(), readDeny })).toEqual([
      { target: `${root}/out/file`, kind: "file" },
      { target: `${root}/out/sub`, kind: "directory" },
    ]);
  });

  it.each(["unsafe", "unknown"] as const)(
    "16 a mask or a mount inside a grant is refused where the probe says %s",
    (nestedMounts) => {
      const masked = { grants: out(), readDeny: [`${root}/out/file`] };
      const nested = {
        grants: [`filesystem.read.${root}/out/*`, `filesystem.write.${root}/out/sub/*`],
      };
      const cut = { grants: out(), denials: [`filesystem.write.${root}/out/sub/*`] };
      const data = { data: `${root}/data`, readDeny: ["/data/plugins/self/x"] };
      for (const changes of [masked, nested, cut, data]) {
        expect(codeOf(() => check(changes, { nestedMounts }))).toBe("NESTED_MOUNT_UNSAFE");
      }
      expect(
        codeOf(() => check({ grants: out(), readDeny: ["/plugin/x"] }, { nestedMounts })),
      ).toBe("nothing");
    },
  );

  it("15 a link that an earlier start left where a mount has its place is refused", () => {
    rmSync(`${root}/out/sub`, { recursive: true });
    symlinkSync("/oldroot/etc", `${root}/out/sub`);
    const nested = {
      grants: [`filesystem.read.${root}/out/*`, `filesystem.write.${root}/out/sub/*`],
    };
    expect(codeOf(() => check(nested))).toBe("PATH_REFUSED");
    expect(codeOf(() => check({ grants: out(), readDeny: [`${root}/out/sub/x`] }))).toBe(
      "PATH_REFUSED",
    );
    expect(codeOf(() => check({ grants: out(), readDeny: [`${root}/out/sub`] }))).toBe(
      "PATH_REFUSED",
    );
  });

  it("may be missing under a mask of what cannot be written, and nowhere else", () => {
    const readDeny = [`${root}/out/later`];
    expect(check({ grants: [`filesystem.read.${root}/out/*`], readDeny })).toEqual([]);
    expect(codeOf(() => check({ grants: out(), readDeny }))).toBe("PATH_REFUSED");
  });

  it("must be a folder where only what is below it was denied", () => {
    expect(codeOf(() => check({ grants: out(), readDeny: [`${root}/out/file/*`] }))).toBe(
      "PATH_REFUSED",
    );
  });

  it("is what was opened, whatever stands in its place later", () => {
    const opened = open({ grants: out() });
    renameSync(`${root}/out`, `${root}/moved`);
    mkdirSync(`${root}/out`);
    const inodes = opened.descriptors.map((descriptor) => fstatSync(descriptor).ino);
    expect(inodes).toEqual([`${root}/code`, `${root}/moved`].map((path) => statSync(path).ino));
    opened.close();
  });

  it("leaves no descriptor open, refused or closed", () => {
    const count = () => readdirSync("/proc/self/fd").length;
    const before = count();
    check({ grants: out() });
    codeOf(() => check({ grants: [...out(), `filesystem.read.${root}/missing/*`] }));
    expect(count()).toBe(before);
  });

  it("must be there for a mount of the own data inside a granted tree", () => {
    const grants = ["filesystem.read./data/*"];
    expect(codeOf(() => check({ grants, data: `${root}/data` }))).toBe("PATH_REFUSED");
  });

  it("is refused when a reserved folder lies there under another name", () => {
    symlinkSync(`${root}/out`, `${root}/alias`);
    expect(codeOf(() => check({ grants: out(), reserved: [`${root}/alias`] }))).toBe(
      "PATH_REFUSED",
    );
  });

  it("is refused for a user who is kept out, by the folder or by the source itself", () => {
    const stranger = { uid: self.uid + 4_321, gid: self.gid + 4_321, changes: true };
    chmodSync(root, 0o711);
    const grants = [`filesystem.read.${root}/out/*`];
    chmodSync(`${root}/out`, 0o755);
    chmodSync(`${root}/code`, 0o755);
    expect(codeOf(() => check({ grants }, { identity: stranger }))).toBe("nothing");
    for (const folder of [`${root}/out`, `${root}/code`, root]) {
      chmodSync(folder, 0o700);
      expect(() => check({ grants }, { identity: stranger })).toThrow(`"${folder}"`);
      chmodSync(folder, 0o755);
    }
    expect(codeOf(() => check({ grants: out() }, { identity: stranger }))).toBe("PATH_REFUSED");
  });
});
