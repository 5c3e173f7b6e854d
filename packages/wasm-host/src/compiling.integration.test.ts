import { describe, expect, it } from "vitest";
import { failureOf, withHost } from "./fixtures/attack.ts";
import { fixture } from "./fixtures/fixture-files.ts";
import {
  bodyModule,
  componentOf,
  coreModule,
  named,
  section,
  sectionOf,
} from "./fixtures/module-bytes.ts";
import { WasmError } from "./wasm-error.ts";
import { createWasmHost } from "./wasm-host.ts";

/** A million instructions, which cost nothing to run. */
const long = (): Uint8Array => bodyModule(Array.from({ length: 1_000_000 }, () => 0x01));

describe("the compile Worker", () => {
  it("hands a refusal over whole", async () => {
    await withHost({}, async (host) => {
      const cases = [
        [
          coreModule(sectionOf(5, [0x01, 0x04, 0x00])),
          { code: "UNSUPPORTED", feature: "memory64" },
        ],
        [coreModule(section(0x7f)), { code: "UNSUPPORTED", feature: "unknown_section" }],
        [bodyModule([0x41, 0x80]), { code: "COMPILE_FAILED" }],
        // A type error, which the engine finds.
        [bodyModule([0x6a]), { code: "COMPILE_FAILED" }],
        [componentOf(), { code: "COMPILE_FAILED" }],
        [
          coreModule(...Array.from({ length: 257 }, () => section(0, ...named("x")))),
          { code: "LIMIT", limit: "custom_sections" },
        ],
      ] as const;
      for (const [bytes, refused] of cases) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other in one Worker
        const failure = await failureOf(host.loadModule("m", bytes));
        expect(failure).toBeInstanceOf(WasmError);
        expect(failure).toMatchObject({ ...refused, phase: "load" });
        expect(failure.message).toMatch(/^Cannot .+; .+/u);
      }
      expect(host.stats().workers).toEqual({ blank: 0, idle: 0, busy: 0, ending: 0 });
    });
  });

  it("is ended when a module is late, and the next has another", async () => {
    await using hasty = createWasmHost({ isolation: "worker", limits: { compile_timeout_ms: 1 } });
    expect(await failureOf(hasty.loadModule("m", long()))).toMatchObject({
      code: "TIMEOUT",
      phase: "load",
    });
    await withHost({}, async (host) => {
      const abort = new AbortController();
      const late = failureOf(host.loadModule("m", long(), { signal: abort.signal }));
      abort.abort();
      expect(await late).toMatchObject({ code: "CANCELLED", phase: "load" });
      await using module = await host.loadModule("m", fixture("plugin"));
      expect((await module.call("echo", [3])).values).toEqual([3]);
    });
  });

  it("takes loads in turn, and one that was cancelled while it waited disturbs none", async () => {
    await withHost({}, async (host) => {
      const abort = new AbortController();
      const first = host.loadModule("a", long());
      const second = failureOf(host.loadModule("b", fixture("plugin"), { signal: abort.signal }));
      const third = host.loadModule("c", fixture("plugin"));
      abort.abort();
      expect(await second).toMatchObject({ code: "CANCELLED" });
      await using module = await third;
      expect((await module.call("echo", [5])).values).toEqual([5]);
      await (await first).close();
    });
  });

  it("ends with its host, and a load in it is CLOSED", async () => {
    const host = createWasmHost({ isolation: "worker" });
    await host.loadModule("m", fixture("answer"));
    const loading = failureOf(host.loadModule("late", long()));
    await host.close();
    expect(await loading).toMatchObject({ code: "CLOSED" });
  });
});
