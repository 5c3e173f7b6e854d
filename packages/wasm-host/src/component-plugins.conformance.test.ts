import { describePluginHost } from "@sigilrt/lifecycle/testing";
import { componentPlugins } from "./component-plugins.ts";
import { fixture } from "./fixtures/fixture-files.ts";
import { hostileFiles, housekeeping, type SpecOptions, specOf } from "./fixtures/host-fixture.ts";
import { createWasmHost } from "./wasm-host.ts";

describePluginHost(
  "componentPlugins",
  async () => {
    const wasm = createWasmHost({ isolation: "worker", timeoutMs: 30_000 });
    const host = componentPlugins(wasm, { decide: async () => true, imports: {} });
    const guest = fixture("guest");
    const files = await hostileFiles({
      "empty.wasm": new Uint8Array(),
      "short.wasm": guest.subarray(0, 500_000),
      "module.wasm": fixture("answer"),
      "noise.wasm": guest.map((byte, index) => (index > 8 ? byte ^ 0x55 : byte)),
    });
    const spec = (options: SpecOptions = {}): ReturnType<typeof specOf> =>
      specOf("component", "guest.wasm", options);
    const file = (name: string): ReturnType<typeof specOf> =>
      specOf("component", name, { root: files.root });
    return {
      ...housekeeping(wasm, host, () => files.remove()),
      echo: spec(),
      slow: spec(),
      crash: spec(),
      flood: spec({ maxResultBytes: 65_536 }),
      silent: spec({ mode: "silent", startMs: 1_000 }),
      stubborn: spec(),
      hostile: [
        ...["no-json", "deep", "no-schema", "twice", "many", "large"].map((mode) => spec({ mode })),
        ...["empty.wasm", "short.wasm", "module.wasm", "noise.wasm"].map(file),
      ],
    };
  },
  {
    without: {
      environment:
        "the guest of this suite is built with stubs for WASI; the witness of no access sees its variables",
      parent: "a Worker is a thread of the host's own process and ends with it",
      services: "the world has tools alone",
    },
  },
);
