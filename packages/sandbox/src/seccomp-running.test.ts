import { expect, it } from "vitest";
import { compileSeccomp } from "./seccomp-compile.ts";
import { compileFor } from "./seccomp-running.ts";
import { codeOf } from "./testing/thrown.ts";

it("compiles for the architectures that have a table", () => {
  expect(compileFor("x64")).toEqual(compileSeccomp({ arch: "x86_64" }));
  expect(compileFor("arm64")).toEqual(compileSeccomp({ arch: "aarch64" }));
});

it.each(["ia32", "arm", "riscv64", "s390x", "x86_64", "", "constructor"])(
  "refuses %j, for a process without a filter would run there",
  (arch) => {
    expect(codeOf(() => compileFor(arch))).toBe("UNSUPPORTED_ARCH");
  },
);
