import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bodyModule,
  componentOf,
  coreModule,
  exporting,
  leb,
  list,
  named,
  plainType,
  section,
  sectionOf,
} from "./fixtures/module-bytes.ts";
import { fixture } from "./fixtures/fixture-files.ts";
import { sniff } from "./guard/sniff.ts";
import { DEFAULT_LIMITS, readLimits, type WasmLimits } from "./limits.ts";
import { examineComponent, prepareModule } from "./prepare.ts";
import { WasmError } from "./wasm-error.ts";
import { offerImports } from "./wasm-module.ts";

// What the compile Worker runs, run here: the numbers are the rows of the table of hostile modules.
const refusalOf = async (
  bytes: Uint8Array,
  own: Partial<WasmLimits> = {},
): Promise<Partial<WasmError>> => {
  const limits = readLimits(own);
  const failure: unknown = await (async () => {
    expect(sniff(bytes, limits)).toBe("module");
    return offerImports(prepareModule(bytes, { fuel: true, limits }).surface, {});
  })().catch((error: unknown) => error);
  return failure as Partial<WasmError>;
};

const refusalOfComponent = async (bytes: Uint8Array): Promise<Partial<WasmError>> => {
  const failure: unknown = await (async () => {
    expect(sniff(bytes, DEFAULT_LIMITS)).toBe("component");
    return examineComponent(bytes, DEFAULT_LIMITS);
  })().catch((error: unknown) => error);
  return failure as Partial<WasmError>;
};

const repeat = (count: number, ...bytes: readonly number[]): number[] =>
  Array.from({ length: count }, () => bytes).flat();

const memory = (...limits: readonly number[]): Uint8Array => coreModule(section(5, 1, ...limits));
const table = (...limits: readonly number[]): number[] => [0x70, ...limits];
const imported = (module: string, name: string, ...what: readonly number[]): Uint8Array =>
  coreModule(plainType, section(2, ...list([...named(module), ...named(name), ...what])));

describe("what passes a limit", () => {
  it.each([
    ["11 a minimum of 4 GiB", memory(0x00, ...leb(65_536)), "memory_bytes"],
    [
      "13 a table of 9,000,000",
      coreModule(section(4, ...list(table(0x00, ...leb(9_000_000))))),
      "table_elements",
    ],
    [
      "13 64 tables of 60,000",
      coreModule(
        sectionOf(4, list(...Array.from({ length: 64 }, () => table(0x00, ...leb(60_000))))),
      ),
      "tables",
    ],
    ["16 a body of 2 MiB", bodyModule(repeat(2_097_152, 0x01)), "body_bytes"],
    ["16 2^32-1 locals", bodyModule([], [0x01, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f]), "locals"],
    [
      "16 locals that add up",
      bodyModule([], [0x02, ...leb(4_000), 0x7f, ...leb(4_000), 0x7f]),
      "locals",
    ],
    [
      "16 a nesting of 12,000",
      bodyModule([...repeat(12_000, 0x02, 0x40), ...repeat(12_000, 0x0b)]),
      "nesting",
    ],
    [
      "16 50,000 branch targets",
      bodyModule([0x41, 0x00, 0x0e, ...leb(50_000), ...repeat(50_001, 0x00)]),
      "br_table_targets",
    ],
    ["18 20,000 custom sections", coreModule(repeat(20_000, 0x00, 0x01, 0x00)), "custom_sections"],
    [
      "18 60,000 empty segments",
      coreModule(sectionOf(11, [...leb(60_000), ...repeat(60_000, 0x01, 0x00)])),
      "segments",
    ],
  ])("refuses %s", async (_, bytes, limit) => {
    expect(await refusalOf(bytes)).toMatchObject({ code: "LIMIT", phase: "load", limit });
  });

  it("refuses 15 a module beyond module_bytes before it reads it", async () => {
    expect(await refusalOf(new Uint8Array(33 * 1_048_576))).toMatchObject({
      code: "LIMIT",
      limit: "module_bytes",
    });
  });
});

describe("what this version does not run", () => {
  it.each([
    ["14 two memories", coreModule(section(5, 2, 0, 1, 0, 1)), "multi_memory"],
    ["14 a 64-bit memory", memory(0x04, 1), "memory64"],
    ["14 a shared memory", memory(0x03, 1, 1), "threads"],
    ["14 pages of another size", memory(0x08, 1, 0), "custom_page_sizes"],
    ["14 an array type", coreModule(section(1, 1, 0x5e, 0x7f, 0x00)), "gc"],
    ["14 an array of 10^8", bodyModule([0x41, 0x00, 0xfb, 0x07, 0x00, 0x1a]), "gc"],
    ["14 a relaxed vector operation", bodyModule([0xfd, 0x80, 0x02]), "relaxed_simd"],
    ["14 the old exceptions", bodyModule([0x06, 0x40, 0x19, 0x0b]), "legacy_exceptions"],
    ["14 an atomic operation", bodyModule([0xfe, 0x03, 0x00]), "threads"],
    ["14 a memory operation on a second memory", bodyModule([0x3f, 0x01, 0x1a]), "multi_memory"],
    ["14 wide arithmetic", bodyModule([0xfc, 0x13]), "wide_arithmetic"],
    ["27 an unknown instruction", bodyModule([0xff]), "unknown_opcode"],
    ["27 an unknown section", coreModule(section(14)), "unknown_section"],
  ])("refuses %s", async (_, bytes, feature) => {
    expect(await refusalOf(bytes)).toMatchObject({ code: "UNSUPPORTED", phase: "load", feature });
  });
});

describe("what is malformed", () => {
  const good = fixture("plugin");
  it.each([
    ["nothing", new Uint8Array()],
    ["27 a wrong magic", Uint8Array.of(0, 1, 2, 3, 1, 0, 0, 0)],
    ["27 version 2", Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 2, 0, 0, 0)],
    ["27 a truncated module", good.subarray(0, good.length - 3)],
    ["27 an overlong number", coreModule([1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00])],
    ["27 unused bits in a number", coreModule([1, 0x81, 0x80, 0x80, 0x80, 0x10, 0x00])],
    ["27 sections out of order", coreModule(section(3, 0), section(1, 0))],
    ["27 a section twice", coreModule(section(1, 0), section(1, 0))],
    ["27 bytes behind a section's items", coreModule(section(1, 0, 0))],
    ["17 a count of 2^32-1 in a few bytes", coreModule([1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f])],
    ["a function without a body", coreModule(plainType, section(3, 1, 0))],
    ["23 a name that is not UTF-8", exporting([1, 0xff])],
  ])("refuses %s", async (_, bytes) => {
    const refused = await refusalOf(bytes);
    expect(["COMPILE_FAILED", "LIMIT"]).toContain(refused.code);
    expect(refused).toMatchObject({ phase: "load" });
  });
});

describe("names", () => {
  const odd = [
    ["21 a quote", "a'b"],
    ["21 a template", "`${1}`"],
    ["21 a line break", "a\nb"],
    ["21 a space", "a b"],
    ["21 a backslash", "a\\b"],
    ["21 a parenthesis", "f()"],
    ["23 a control character", "a\u0007"],
    ["23 a bidirectional mark", "a\u202e"],
    ["23 5,000 bytes", "a".repeat(5_000)],
    ["23 the name of the meter", "$sigil"],
    ["a byte order mark", "\ufeffa"],
  ] as const;

  it.each(odd)("refuses %s in an export", async (_, name) => {
    const refused = await refusalOf(exporting(named(name)));
    expect(refused).toMatchObject({ code: "NAME_REJECTED", phase: "load" });
    expect(refused.message).not.toContain(name);
  });

  it.each(odd)("refuses %s in the second import, module and field", async (_, name) => {
    for (const [module, field] of [
      [name, "f"],
      ["m", name],
    ] as const) {
      const bytes = coreModule(
        plainType,
        section(
          2,
          ...list([...named("m"), ...named("f"), 0, 0], [...named(module), ...named(field), 0, 0]),
        ),
      );
      // oxlint-disable-next-line no-await-in-loop -- two places, one after the other
      expect(await refusalOf(bytes)).toMatchObject({ code: "NAME_REJECTED" });
    }
  });

  it.each(odd)("refuses %s everywhere in a component, before translation", async (_, name) => {
    const hidden = exporting(named(name));
    const places = [
      componentOf(section(1, ...hidden)),
      componentOf(section(4, ...componentOf(section(1, ...hidden)))),
      componentOf(section(6, ...list([0x01, 0x00, 0x00, ...named(name)]))),
      componentOf(section(6, ...list([0x00, 0x00, 0x01, 0x00, ...named(name)]))),
      componentOf(section(2, ...list([0x01, ...list([...named(name), 0x00, 0x00])]))),
      componentOf(section(2, ...list([0x00, 0x00, ...list([...named(name), 0x12, 0x00])]))),
      componentOf(section(5, ...list([0x01, ...list([0x00, ...named(name), 0x01, 0x00])]))),
      componentOf(section(7, ...list([0x72, ...list([...named(name), 0x7f])]))),
      componentOf(section(7, ...list([0x40, ...list([...named(name), 0x7f]), 0x01, 0x00]))),
      componentOf(section(7, ...list([0x42, ...list([0x04, 0x00, ...named(name), 0x01, 0x00])]))),
      componentOf(section(10, ...list([0x00, ...named(name), 0x05, 0x00]))),
      componentOf(section(11, ...list([0x00, ...named(name), 0x01, 0x00, 0x00]))),
    ];
    const refused = await Promise.all(places.map(refusalOfComponent));
    expect(refused.map(({ code }) => code)).toEqual(places.map(() => "NAME_REJECTED"));
  });

  it("refuses 24 an export of a component that a promise would call", async () => {
    const bytes = componentOf(section(11, ...list([0x00, ...named("then"), 0x01, 0x00, 0x00])));
    expect(await refusalOfComponent(bytes)).toMatchObject({ code: "NAME_REJECTED" });
  });
});

describe("imports", () => {
  it.each([
    ["26 a prototype", imported("__proto__", "constructor", 0x00, 0x00)],
    ["26 a function of WASI", imported("wasi_snapshot_preview1", "fd_write", 0x00, 0x00)],
    ["26 a memory", imported("env", "memory", 0x02, 0x00, 0x01)],
    ["26 a table", imported("env", "table", 0x01, 0x70, 0x00, 0x01)],
    ["26 a global", imported("env", "global", 0x03, 0x7f, 0x00)],
  ])("refuses %s", async (_, bytes) => {
    expect(await refusalOf(bytes)).toMatchObject({ code: "IMPORT_REFUSED", phase: "load" });
  });

  it("refuses 26 the meter's counter by its name", async () => {
    const bytes = imported("$sigil", "fuel", 0x03, 0x7e, 0x01);
    expect(await refusalOf(bytes)).toMatchObject({ code: "NAME_REJECTED" });
  });

  it("refuses 26 a foreign interface and another version of the world", async () => {
    const importing = (name: string): Uint8Array =>
      componentOf(section(10, ...list([0x00, ...named(name), 0x05, 0x00])));
    const names = [
      "wasi:filesystem/types@0.3.0",
      "wasi:cli/environment@0.2",
      "wasi:cli/run@0.2.0",
      "wasi:keyvalue/store@0.2.0",
      "sigil:plugin/log@0.2.0",
      "sigil:plugin/log",
      "evil:x/y@1.0.0",
    ];
    const refused = await Promise.all(names.map((name) => refusalOfComponent(importing(name))));
    expect(refused.map(({ code }) => code)).toEqual(names.map(() => "IMPORT_REFUSED"));
  });

  it("refuses a component that exports no tools", async () => {
    expect(await refusalOfComponent(componentOf())).toMatchObject({ code: "EXPORT_MISSING" });
  });
});

describe("components", () => {
  it("refuses 20 a component that nests 24 deep", async () => {
    const nested = Array.from({ length: 24 }).reduce<Uint8Array>(
      (inner) => componentOf(sectionOf(4, [...inner])),
      componentOf(),
    );
    expect(await refusalOfComponent(nested)).toMatchObject({
      code: "LIMIT",
      limit: "component_depth",
    });
  });

  it("refuses 20 a component with 2,000 core instances", async () => {
    const bytes = componentOf(
      section(2, ...list(...Array.from({ length: 2_000 }, () => [0x00, 0x00, 0x00]))),
    );
    expect(await refusalOfComponent(bytes)).toMatchObject({
      code: "LIMIT",
      limit: "core_instances",
    });
  });

  it("refuses a component with 65 core modules", async () => {
    const bytes = componentOf(...Array.from({ length: 65 }, () => section(1, ...coreModule())));
    expect(await refusalOfComponent(bytes)).toMatchObject({ code: "LIMIT", limit: "core_modules" });
  });

  it.each([
    ["a nested file that is none", componentOf(section(1, 1, 2, 3))],
    ["an unknown form of instance", componentOf(section(2, 1, 2))],
    ["an unknown sort", componentOf(section(6, 1, 9))],
    ["an unknown type", componentOf(section(7, 1, 0x01))],
    ["a truncated component", fixture("guest").subarray(0, 1_000_000)],
  ])("refuses %s", async (_, bytes) => {
    expect(await refusalOfComponent(bytes)).toMatchObject({ code: "COMPILE_FAILED" });
  });

  it.each([
    [
      "asynchronous functions",
      componentOf(section(7, 1, 0x43, 0x00, 0x01, 0x00)),
      "component_async",
    ],
    ["types of core modules", componentOf(section(3, 0)), "core_type"],
    ["an unknown section", componentOf(section(12)), "unknown_section"],
  ])("refuses %s", async (_, bytes, feature) => {
    expect(await refusalOfComponent(bytes)).toMatchObject({ code: "UNSUPPORTED", feature });
  });
});

it("answers any bytes with a typed refusal", async () => {
  const starts = [[], [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], [0x00, 0x61, 0x73, 0x6d, 13, 0, 1, 0]];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...starts),
      fc.uint8Array({ minLength: 2, maxLength: 64 }),
      async (start, rest) => {
        const bytes = Uint8Array.from([...start, ...rest]);
        // A section beyond the known ones keeps the module from starting whatever came before.
        const whole = Uint8Array.from([...bytes, 0x7f, 0x00]);
        const refusal = start[4] === 13 ? refusalOfComponent(whole) : refusalOf(whole);
        expect(await refusal).toBeInstanceOf(WasmError);
      },
    ),
  );
});
