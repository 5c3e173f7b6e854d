import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { METER_VERSION, meterModule } from "@sigilrt/wasm-host/meter";
import { coreModule, leb, list, named, section, sectionOf } from "../fixtures/module-bytes.ts";
import { costOf } from "./costs.ts";

const type = section(1, ...list([0x60, 0, 0]));
const bodyOf = (...code: readonly number[]): Uint8Array =>
  coreModule(
    type,
    section(3, 1, 0),
    sectionOf(10, list([...leb(code.length + 2), 0, ...code, 0x0b])),
  );
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

describe("meterModule", () => {
  it("gives the same module for the same bytes, and version 1 of the costs", () => {
    const bytes = bodyOf(0x41, 0, 0x1a);
    expect(meterModule(bytes, { fuel: true })).toEqual(meterModule(bytes, { fuel: true }));
    expect(METER_VERSION).toBe(1);
  });

  it("imports the counters first, and fuel only where it is counted", () => {
    const counted = text(meterModule(coreModule(), { fuel: true }).bytes);
    expect(counted).toContain("\u0006$sigil\u0004fuel");
    const uncounted = text(meterModule(coreModule(), { fuel: false }).bytes);
    expect(uncounted).not.toContain("fuel");
    for (const name of ["pages", "elements", "refused"]) expect(uncounted).toContain(name);
  });

  it("refuses a module that names the counters, and one that begins with too much", () => {
    const own = [...named("$sigil"), ...named("fuel"), 3, 0x7e, 1];
    expect(() => meterModule(coreModule(section(2, ...list(own))), { fuel: true })).toThrow(
      expect.objectContaining({ code: "NAME_REJECTED" }),
    );
    const memory = coreModule(section(5, ...list([0, 3])));
    const limits = { memory_bytes: 2 * 65_536 };
    expect(() => meterModule(memory, { fuel: true, limits })).toThrow(
      expect.objectContaining({ code: "LIMIT", limit: "memory_bytes" }),
    );
    expect(meterModule(memory, { fuel: true }).pages).toBe(3);
  });

  it("drops custom sections", () => {
    const custom = section(0, ...named("secret words"));
    expect(text(meterModule(coreModule(custom), { fuel: true }).bytes)).not.toContain("secret");
  });

  it.each([
    ["legacy exceptions", [0x06, 0x40]],
    ["a shared memory's instructions", [0xfe, 0x03, 0x00]],
    ["relaxed vectors", [0xfd, 0x80, 0x02]],
    ["a gap between vectors", [0xfd, 0x9a, 0x01]],
    ["128-bit arithmetic", [0xfc, 0x13]],
    ["structures", [0xfb, 0x00, 0x00]],
    ["nothing known", [0xff]],
  ])("refuses %s", (_, code) => {
    expect(() => meterModule(bodyOf(...code), { fuel: true })).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED" }),
    );
  });

  it("refuses handlers where the engine has none", () => {
    const module = bodyOf(0x1f, 0x40, 0, 0x0b);
    const refused = expect.objectContaining({ code: "UNSUPPORTED", feature: "exception_handling" });
    expect(() => meterModule(module, { fuel: true, exceptionHandling: false })).toThrow(refused);
    expect(() => meterModule(bodyOf(0x0a), { fuel: true, exceptionHandling: false })).toThrow(
      refused,
    );
    expect(meterModule(module, { fuel: true }).bytes.length).toBeGreaterThan(module.length);
  });

  it("answers any bytes with a module or a typed refusal", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (code, fuel) => {
        try {
          return meterModule(bodyOf(...code), { fuel }).bytes.length > 8;
        } catch (error) {
          return error instanceof Error && "code" in error && "phase" in error;
        }
      }),
    );
  });
});

it("names a cost for every opcode once, and none for what is unknown", () => {
  for (const unknown of [0x06, 0x07, 0x09, 0x14, 0x15, 0x18, 0x19, 0x27, 0xc5, 0xfc12, 0xfd9a]) {
    expect(costOf(unknown)).toBeUndefined();
  }
  for (const [opcode, cost] of [
    [0x01, 0],
    [0x1a, 0],
    [0x6a, 1],
    [0x6d, 4],
    [0x91, 4],
    [0x10, 4],
    [0x40, 16],
    [0xfc0a, 8],
    [0xfde7, 4],
    [0xfde6, 1],
  ] as const) {
    expect(costOf(opcode)).toBe(cost);
  }
});
