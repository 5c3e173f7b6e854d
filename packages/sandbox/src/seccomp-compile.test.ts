import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileSeccomp } from "./seccomp-compile.ts";
import {
  type SeccompAnswer,
  type SeccompArch,
  type SeccompCondition,
  type SeccompRule,
} from "./seccomp-rules.ts";
import { refusalOf, run } from "./testing/classic-bpf.ts";
import { audit, ceiling, type Verdict, verdicts } from "./testing/seccomp-expectations.ts";
import vectors from "../vectors/seccomp-syscalls.json" with { type: "json" };

const architectures = ["x86_64", "aarch64"] as const;
const verdictOf = (
  bytes: Uint8Array,
  arch: number,
  number: number,
  values: readonly bigint[] = [],
): Verdict | undefined => verdicts.get(run(bytes, { arch, number, arguments: values }));

const names = Object.keys(vectors.headers.x86_64).filter((name) => name in vectors.headers.aarch64);
const word = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
);
const anyArgument = fc.constantFrom(0, 1, 2, 3, 4, 5);
const anyRelation = fc.constantFrom("equal", "unequal");
const masked = fc
  .tuple(anyArgument, word, anyRelation, word)
  .map(([at, mask, relation, value]): SeccompCondition => {
    return { argument: at, mask, is: relation, value: (value & mask) >>> 0 };
  });
const condition: fc.Arbitrary<SeccompCondition> = fc.oneof(
  masked,
  fc.record({ argument: anyArgument, is: anyRelation, value: word }),
);
const rule: fc.Arbitrary<SeccompRule> = fc.record(
  {
    names: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 20 }),
    answer: fc.constantFrom("EPERM", "ENOSYS", "EAFNOSUPPORT"),
    when: fc.array(condition, { maxLength: 12 }),
  },
  { requiredKeys: ["names", "answer"] },
);

/** What the rules say, without a program. */
const meant = (rules: readonly SeccompRule[], name: string, values: readonly bigint[]): Verdict => {
  const holds = ({ argument, mask = 0xffffffff, is, value }: SeccompCondition): boolean => {
    const seen = (values[argument] ?? 0n) & BigInt(mask);
    return (seen === BigInt(value)) === (is === "equal");
  };
  const first = rules.find((one) => one.names.includes(name) && (one.when ?? []).every(holds));
  return first?.answer ?? "run";
};

/** Arguments that a condition of the rules was made for, and some that none was. */
const near = (rules: readonly SeccompRule[]): fc.Arbitrary<readonly bigint[]> => {
  const values = rules.flatMap(({ when = [] }) => when.map(({ value }) => BigInt(value)));
  const one = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(0n, ...values));
  return fc.tuple(one, one, one, one, one, one);
};

describe("compiled rules", () => {
  it("mean what the rules say, for any rules, call and arguments", () => {
    const asked = fc
      .array(rule, { maxLength: 12 })
      .chain((rules) =>
        fc.tuple(
          fc.constant(rules),
          fc.array(fc.tuple(fc.constantFrom(...names), near(rules)), { minLength: 10 }),
        ),
      );
    fc.assert(
      fc.property(asked, fc.constantFrom(...architectures), ([rules, calls], arch) => {
        const { bytes } = compileSeccomp({ arch, rules });
        expect(refusalOf(bytes)).toBeUndefined();
        const listed = rules.flatMap((one) => one.names.slice(0, 2));
        const all = [...calls, ...listed.map((name) => [name, calls[0]?.[1] ?? []] as const)];
        for (const [name, values] of all) {
          const number = (vectors.headers[arch] as Record<string, number>)[name] ?? -1;
          expect(verdictOf(bytes, audit[arch], number, values)).toBe(meant(rules, name, values));
        }
      }),
    );
  });

  it("cannot be cut off, for any rules", () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), fc.nat(), (rules, at) => {
        const { bytes } = compileSeccomp({ arch: "x86_64", rules });
        expect(refusalOf(bytes.subarray(0, at % bytes.length))).toBeDefined();
      }),
    );
  });

  it("reach over more instructions than a conditional jump can", () => {
    const when = Array.from({ length: 300 }, (_, value): SeccompCondition => {
      return { argument: 0, is: "unequal", value };
    });
    const rules: readonly SeccompRule[] = [
      { names: ["read"], answer: "EPERM", when },
      { names: ["write"], answer: "ENOSYS", when: [{ argument: 1, is: "equal", value: 7 }] },
    ];
    for (const arch of architectures) {
      const { bytes } = compileSeccomp({ arch, rules });
      const { read, write } = vectors.headers[arch];
      expect(refusalOf(bytes)).toBeUndefined();
      expect([0n, 299n, 300n].map((one) => verdictOf(bytes, audit[arch], read, [one]))).toEqual([
        "run",
        "run",
        "EPERM",
      ]);
      expect(verdictOf(bytes, audit[arch], write, [0n, 7n])).toBe("ENOSYS");
      expect(verdictOf(bytes, audit[arch], write, [0n, 8n])).toBe("run");
    }
  });

  it("let everything known run when there are none, and nothing of another architecture", () => {
    const { bytes } = compileSeccomp({ arch: "x86_64", rules: [] });
    expect(verdictOf(bytes, audit.x86_64, ceiling)).toBe("run");
    expect(verdictOf(bytes, audit.x86_64, ceiling + 1)).toBe("ENOSYS");
    expect(verdictOf(bytes, audit.aarch64, 0)).toBe("killed");
  });

  it("let the first rule that holds decide", () => {
    const rules: readonly SeccompRule[] = [
      { names: ["read"], answer: "EPERM", when: [{ argument: 0, is: "equal", value: 1 }] },
      { names: ["read"], answer: "ENOSYS" },
      { names: ["read"], answer: "EAFNOSUPPORT" },
    ];
    const { bytes } = compileSeccomp({ arch: "x86_64", rules });
    expect([1n, 2n].map((one) => verdictOf(bytes, audit.x86_64, 0, [one]))).toEqual([
      "EPERM",
      "ENOSYS",
    ]);
  });
});

const expectRefused = (rules: readonly SeccompRule[], arch: SeccompArch = "x86_64") => {
  expect(() => compileSeccomp({ arch, rules })).toThrow(RangeError);
};

describe("rules are refused", () => {
  const read = { names: ["read"], answer: "EPERM" } as const;

  it.each(["no_such_call", "", "READ", "__proto__", "constructor", "toString"])(
    "for the name %j, on both architectures",
    (name) => {
      for (const arch of architectures) expectRefused([{ ...read, names: [name] }], arch);
      for (const only of architectures) expectRefused([{ ...read, names: [name], only }]);
    },
  );

  it("for a call that one architecture lacks, unless the rule says which one has it", () => {
    for (const arch of architectures) {
      expectRefused([{ ...read, names: ["read", "open"] }], arch);
      expectRefused([{ ...read, names: ["open"], only: "aarch64" }], arch);
      expectRefused([{ ...read, only: "x86_64" }], arch);
      expect(
        compileSeccomp({ arch, rules: [{ ...read, names: ["open"], only: "x86_64" }] }).arch,
      ).toBe(arch);
    }
  });

  it("for an architecture that has no table", () => {
    for (const arch of ["x64", "arm64", "i386", "__proto__", ""]) {
      expectRefused([read], arch as SeccompArch);
      expectRefused([{ ...read, only: arch as SeccompArch }]);
    }
  });

  it("for an answer, an argument or a number that no filter can hold", () => {
    expectRefused([{ ...read, answer: "EACCES" as SeccompAnswer }]);
    const conditions = [
      { argument: 6, is: "equal", value: 0 },
      { argument: -1, is: "equal", value: 0 },
      { argument: 0.5, is: "equal", value: 0 },
      { argument: 0, is: "above", value: 0 },
      { argument: 0, is: "equal", value: -1 },
      { argument: 0, is: "equal", value: 2 ** 32 },
      { argument: 0, is: "equal", value: Number.NaN },
      { argument: 0, is: "equal", mask: 2 ** 32, value: 0 },
      { argument: 0, is: "equal", mask: 1, value: 2 },
      { argument: 0, is: "unequal", mask: 1, value: 3 },
    ];
    for (const one of conditions) expectRefused([{ ...read, when: [one as SeccompCondition] }]);
  });

  it("for more than 4,096 instructions", () => {
    const conditions = (length: number) =>
      Array.from({ length }, (): SeccompCondition => ({
        argument: 0,
        mask: 1,
        is: "equal",
        value: 1,
      }));
    expectRefused([{ ...read, when: conditions(1_400) }, read]);
    expectRefused([read, { ...read, when: conditions(1_000_000) }]);
    expect(
      compileSeccomp({ arch: "x86_64", rules: [{ ...read, when: conditions(1_000) }] }).bytes
        .length,
    ).toBeGreaterThan(0);
  });
});
