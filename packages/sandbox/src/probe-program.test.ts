import { expect, it } from "vitest";
import { probeProgram } from "./probe-program.ts";

const codeOffset = 176;

it("is the code that a disassembler of each architecture reads as the call and the exit", () => {
  const x86 = probeProgram("x86_64", "ptrace").subarray(codeOffset);
  expect(Buffer.from(x86).toString("hex")).toBe(
    "31ff31f631d24531d2b8650000000f05f7d889c7b8e70000000f05",
  );
  const arm = probeProgram("aarch64", "ptrace").subarray(codeOffset);
  const words = Array.from({ length: arm.length / 4 }, (_, index) =>
    new DataView(arm.buffer, codeOffset + 4 * index).getUint32(0, true).toString(16),
  );
  expect(words.join(" ")).toBe(
    "52800000 52800001 52800002 52800003 52800ea8 d4000001 4b0003e0 52800bc8 d4000001",
  );
});

it("names a call that the table has", () => {
  expect(() => probeProgram("aarch64", "no_such_call")).toThrow(RangeError);
});
