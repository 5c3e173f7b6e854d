import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { compileSeccomp } from "./seccomp-compile.ts";
import { type SeccompArch, seccompRules } from "./seccomp-rules.ts";
import { refusalOf, run } from "./testing/classic-bpf.ts";
import {
  audit,
  ceiling,
  expectations,
  expected,
  type Verdict,
  verdicts,
} from "./testing/seccomp-expectations.ts";
import vectors from "../vectors/seccomp-syscalls.json" with { type: "json" };

const architectures = ["x86_64", "aarch64"] as const;
const high = 0xffffffff_00000000n;
const words = [0, 1, 0x80, 0x800, 0x8000_0000, 0xffff_ffff].map(BigInt);

const verdictOf = (
  bytes: Uint8Array,
  arch: number,
  number: number,
  values: readonly bigint[] = [],
): Verdict | undefined => verdicts.get(run(bytes, { arch, number, arguments: values }));

/** The verdict of the table for each set of arguments beside the expected one. */
const expectDocumented = (
  arch: SeccompArch,
  number: number,
  sets: readonly (readonly bigint[])[],
) => {
  const { bytes } = compileSeccomp({ arch });
  const found = sets.map((values) => verdictOf(bytes, audit[arch], number, values));
  expect(found, `${arch} ${number}`).toEqual(sets.map((values) => expected(arch, number, values)));
};

/** Each word at one argument, plainly and with every high bit set. */
const placed = (argument: number, values: readonly bigint[], rest: readonly bigint[] = []) =>
  values.flatMap((value) =>
    [value, value | high].map((one) => {
      const list = [0n, 0n, 0n, 0n, 0n, 0n].map((zero, index) => rest[index] ?? zero);
      return list.with(argument, one);
    }),
  );

const ascending = (left: number, right: number) => left - right;
const eachBit = Array.from({ length: 32 }, (_, bit) => 1n << BigInt(bit));

describe.each(architectures)("the filter for %s", (arch) => {
  const program = compileSeccomp({ arch });
  const table = expectations[arch];

  it("answers every number as documented, whatever the arguments", () => {
    const sets = words.map((word) => [word, word, word, word, word, word]);
    for (let number = 0; number <= ceiling + 64; number += 1) expectDocumented(arch, number, sets);
  });

  it("names every documented call and no other one without conditions", () => {
    const unconditional = Array.from({ length: ceiling + 1 }, (_, number) => number).filter(
      (number) => verdictOf(program.bytes, audit[arch], number, Array(6).fill(0n)) !== "run",
    );
    // Family 0 and personality 0 are no exceptions.
    expect(unconditional).toEqual(
      [...table.EPERM, ...table.ENOSYS, table.socket, table.socketpair, table.personality].toSorted(
        ascending,
      ),
    );
  });

  it("lets 3 of 64 socket families through, with any high bits, and no raw or packet type", () => {
    for (const number of [table.socket, table.socketpair]) {
      for (let family = 0n; family < 64n; family += 1n) {
        for (let type = 0n; type < 16n; type += 1n) {
          const flags = [0n, 0o4000n, 0o2000000n].map((flag) => flag | type);
          expectDocumented(arch, number, placed(0, [family], [0n, type]));
          expectDocumented(arch, number, placed(1, flags, [family]));
        }
      }
    }
  });

  it("sees each namespace flag of clone, alone and among others, and no other flag", () => {
    const threadFlags = 0x003d0f00n;
    expectDocumented(
      arch,
      table.clone,
      placed(0, [...eachBit, ...eachBit.map((bit) => bit | threadFlags), 17n]),
    );
  });

  it("sees the two requests that write into a terminal, also with high bits, and no neighbour", () => {
    const around = [0x5411, 0x5412, 0x5413, 0x541b, 0x541c, 0x541d, 0x15412].map(BigInt);
    expectDocumented(arch, table.ioctl, placed(1, around));
  });

  it("sees the set-id bits of every mode", () => {
    const modes = [...eachBit, 0o777n, 0o1777n, 0o2755n, 0o4755n, 0o6755n, 0o104755n];
    for (const [number, mode] of table.modes) expectDocumented(arch, number, placed(mode, modes));
  });

  it("sees the set-id bits of an open that makes a file, and ignores them in another", () => {
    for (const [number, flags, mode] of table.opens) {
      for (const flag of [...eachBit, 0n, 0o20200002n, 0o101n].flatMap((one) => [
        one,
        one | high,
      ])) {
        const rest = [0n, 0n, 0n, 0n].with(flags, flag);
        expectDocumented(arch, number, placed(mode, [0n, 0o644n, 0o2644n, 0o4755n, 0o6000n], rest));
      }
    }
  });

  it("lets a program ask for its personality and not set it", () => {
    expectDocumented(
      arch,
      table.personality,
      placed(0, [0xffffffffn, 0n, 8n, 0x0040000n, 0xfffffffen]),
    );
  });

  it("kills a process of every other architecture, whatever it calls", () => {
    // i386, x32 has that of x86_64, arm, aarch64 big-endian, riscv64, and none.
    const others = [0x40000003, 0x40000028, 0x800000b7, 0xc00000f3, 0, 0xffffffff];
    const foreign = [...others, ...architectures.map((one) => audit[one])].filter(
      (one) => one !== audit[arch],
    );
    for (const other of foreign) {
      for (const number of [0, 1, 20, 39, 172, ceiling + 1, 0x40000000, 0xffffffff]) {
        expect(verdictOf(program.bytes, other, number)).toBe("killed");
      }
    }
  });

  it("answers ENOSYS above the ceiling to the last number, and kills x32 where it exists", () => {
    const far = [ceiling + 1, 511, 512, 547, 1_000, 0x3fffffff, 0x80000000, 0xbfffffff, 0xffffffff];
    for (const number of far) {
      expect(verdictOf(program.bytes, audit[arch], number), `${number}`).toBe("ENOSYS");
    }
    for (const number of [0, 1, 39, 512, 547, 0x3fffffff].map((one) => 0x40000000 + one)) {
      if (number === 0xffffffff) continue;
      const verdict = arch === "x86_64" ? "killed" : "ENOSYS";
      expect(verdictOf(program.bytes, audit[arch], number), `${number}`).toBe(verdict);
    }
  });

  it("is taken by the kernel whole, and cut off nowhere", () => {
    const { bytes } = program;
    expect(refusalOf(bytes)).toBeUndefined();
    expect(bytes.length / 8).toBeLessThanOrEqual(4_096);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(refusalOf(bytes.subarray(0, length)), `${length}`).toBeDefined();
    }
  });

  it("is the same bytes each time, each a copy", () => {
    const again = compileSeccomp({ arch, rules: seccompRules });
    expect(again).toEqual(program);
    expect(again.bytes).not.toBe(program.bytes);
    expect(createHash("sha256").update(program.bytes).digest("hex")).toBe(program.digest);
    // A change of these is a change of what plugins may do: look at the difference of the verdicts first.
    expect(program.digest).toBe(
      {
        x86_64: "82235502c3d4e08f8c4538c0ea5a90e1d1510838f2f633cf79eeb78f2f34e1fb",
        aarch64: "01c2b538f9bb36a86e7c16a473f6420644c4496250c3648fe7edc04d368f6177",
      }[arch],
    );
  });
});

it("numbers agree with the published table where both speak", () => {
  for (const arch of architectures) {
    const { clone, ioctl, socket, socketpair, personality } = vectors.headers[arch];
    expect(expectations[arch]).toMatchObject({ clone, ioctl, socket, socketpair, personality });
    expect(vectors.auditArch[arch]).toBe(audit[arch]);
    expect(expectations[arch].EPERM.toSorted(ascending)).toEqual(expectations[arch].EPERM);
  }
  expect(vectors.ceiling).toBe(ceiling);
});
