import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTraceLine } from "./trace-line.ts";

const hex = (text: string | Uint8Array): string =>
  [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
const failed = (call: string, error = "ENOENT (No such file or directory)"): string =>
  `${call} = -1 ${error}`;

describe("readTraceLine", () => {
  const at = `AT_FDCWD<${hex("/plugin")}>`;
  it.for([
    [`openat(${at}, "${hex("/srv/a")}", O_RDONLY|O_CLOEXEC)`, "/srv/a", "read"],
    [`[pid 12] openat(${at}, "${hex("a/../b")}", O_RDONLY)`, "/plugin/b", "read"],
    [`openat(7<${hex("/srv")}>, "${hex("a")}", O_WRONLY|O_CREAT, 0666)`, "/srv/a", "write"],
    [`openat(7<${hex("/srv")}>(deleted), "${hex("a")}", O_RDWR)`, "/srv/a", "write"],
    [`creat("${hex("/srv/a")}", 0666)`, "/srv/a", "write"],
    [`mkdir("${hex("/srv/a/")}", 0777)`, "/srv/a", "write"],
    [`unlinkat(${at}, "${hex("/srv/a")}", 0)`, "/srv/a", "write"],
    [`renameat2(${at}, "${hex("a")}", ${at}, "${hex("/srv/b")}", 0)`, "/srv/b", "write"],
    [`symlink("${hex("/etc/shadow")}", "${hex("/srv/b")}")`, "/srv/b", "write"],
    [
      `execve("${hex("/usr/bin/git")}", ["${hex("git")}", "${hex("x")}"], 0x1 /* 2 vars */)`,
      "/usr/bin/git",
      "run",
    ],
    [`newfstatat(${at}, "${hex("/srv/a")}", 0x7ffd, 0)`, "/srv/a", "look"],
    [`access("${hex("/srv/a")}", R_OK)`, "/srv/a", "look"],
    [
      `connect(3<${hex("socket:[1]")}>, {sa_family=AF_UNIX, sun_path="${hex("/run/docker.sock")}"}, 110)`,
      "/run/docker.sock",
      "connect",
    ],
  ])("reads %s", ([call = "", path, intent]) => {
    expect(readTraceLine(failed(call))).toEqual({ kind: "path", path, intent });
  });

  it.for([
    [`sin_port=htons(443), sin_addr=inet_addr("${hex("192.0.2.1")}")`, "AF_INET", "192.0.2.1"],
    [
      `sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "${hex("2001:db8::1")}", &sin6_addr), sin6_scope_id=0`,
      "AF_INET6",
      "2001:db8::1",
    ],
  ])("reads a connection past the proxy: %s", ([fields, family, address]) => {
    const call = `connect(3<${hex("socket:[1]")}>, {sa_family=${family}, ${fields}}, 16)`;
    const line = failed(call, "ENETUNREACH (Network is unreachable)");
    expect(readTraceLine(line)).toEqual({ kind: "address", address, port: 443 });
  });

  it.for([
    "strace: Process 12 attached",
    `openat(${at}, "${hex("/srv/a")}", O_RDONLY) = 3`,
    failed(`openat(${at}, "${hex("/srv/a")}", O_RDONLY)`, "EINTR (Interrupted)"),
    failed(`open("${hex("relative")}", O_RDONLY)`),
    failed(`openat(${at}, "", O_RDONLY)`),
    failed(`openat(${at}, "${hex(new Uint8Array([0x2f, 0xff]))}", O_RDONLY)`),
    failed(`connect(3, {sa_family=AF_UNIX, sun_path=@"${hex("abstract")}"}, 20)`),
    failed(`openat(${at}, "${hex("/a".repeat(10_000))}", O_RDONLY)`),
  ])("makes nothing of %s", (line) => {
    expect(readTraceLine(line)).toBeUndefined();
  });

  it("reads back any path, whatever its bytes look like", () => {
    const segment = fc.oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
      fc.constantFrom('") = -1 ENOENT ', "\n[pid 1] ", '", O_WRONLY) = -1 EACCES (x)', "\\x2f"),
    );
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (segments) => {
        const name = segments.join("").toWellFormed().replaceAll("/", "").replaceAll("\0", "");
        fc.pre(name !== "" && name !== "." && name !== "..");
        const line = failed(`openat(${at}, "${hex(`/srv/${name}`)}", O_RDONLY)`);
        expect(readTraceLine(line)).toEqual({ kind: "path", path: `/srv/${name}`, intent: "read" });
      }),
    );
  });

  it("never throws, whatever a line holds", () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.constantFrom("openat(", at, ", ", '"\\x2f\\x61"', ") = -1 ENOENT (", "connect(", "\\x"),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const read = readTraceLine(pieces.join(""));
        expect(read?.kind === "path" ? read.path.startsWith("/") : true).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
