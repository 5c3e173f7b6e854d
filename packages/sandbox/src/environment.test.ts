import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergeEnvironment, policyEnvironment } from "./environment.ts";
import { codeOf } from "./testing/thrown.ts";

const fixed = policyEnvironment(false);
const merged = (added: Record<string, string>) => mergeEnvironment(fixed, added);

describe("the variables of a launch", () => {
  it("are those of the policy and those of the launch, and nothing else", () => {
    expect(
      merged({ GREETING: "hello", PLUGIN_PROTOCOL_VERSIONS: "1", SIGIL_LANE_FD: "3", EMPTY: "" }),
    ).toEqual({
      ...fixed,
      GREETING: "hello",
      PLUGIN_PROTOCOL_VERSIONS: "1",
      SIGIL_LANE_FD: "3",
      EMPTY: "",
    });
  });

  it.each([
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
    "DYLD_INSERT_LIBRARIES",
    "GLIBC_TUNABLES",
    "MALLOC_CHECK_",
    "NODE_OPTIONS",
    "NODE_PATH",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "BASH_ENV",
    "ENV",
    "IFS",
    "SHELL",
    "RUBYOPT",
    "PERL5OPT",
    "JAVA_TOOL_OPTIONS",
    "lower",
    "A-B",
    "A=B",
    "",
    "1A",
    "A\0B",
    "A".repeat(65),
  ])("are refused with the name %j", (name) => {
    expect(codeOf(() => merged({ [name]: "x" }))).toBe("ENV_REFUSED");
  });

  it.each(["a\0--bind", "\uD800", "x".repeat(131_073)])(
    "are refused with a hostile value",
    (value) => {
      expect(codeOf(() => merged({ NAME: value }))).toBe("ENV_REFUSED");
    },
  );

  it("are refused when they are too many bytes together", () => {
    const many = Object.fromEntries(
      Array.from({ length: 9 }, (_, index) => [`A${index}`, "x".repeat(131_072)]),
    );
    expect(codeOf(() => merged(many))).toBe("ENV_REFUSED");
  });

  it.each([
    ["/run/plugin", "nothing"],
    ["/run/plugin/tmp", "nothing"],
    ["/run/plugin/..", "ENV_REFUSED"],
    ["/run/plugin2", "ENV_REFUSED"],
    ["/tmp", "ENV_REFUSED"],
  ])("may set TMPDIR to %s: %s", (value, code) => {
    expect(codeOf(() => merged({ TMPDIR: value }))).toBe(code);
  });

  it("hold no NUL, whatever is given", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (name, value) => {
        const code = codeOf(() => {
          const text = Object.entries(merged({ [name]: value }))
            .flat()
            .join("");
          expect(text).not.toContain("\0");
        });
        expect(["nothing", "ENV_REFUSED"]).toContain(code);
      }),
    );
  });
});
