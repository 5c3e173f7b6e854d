import { describePluginHost } from "@sigilrt/lifecycle/testing";
import { fixture } from "./fixtures/fixture-files.ts";
import { hostileFiles, housekeeping, specOf } from "./fixtures/host-fixture.ts";
import { modulePlugins } from "./module-plugins.ts";
import { createWasmHost } from "./wasm-host.ts";

describePluginHost(
  "modulePlugins",
  async () => {
    const wasm = createWasmHost({ isolation: "worker", timeoutMs: 30_000 });
    const host = modulePlugins(wasm);
    const files = await hostileFiles({
      "empty.wasm": new Uint8Array(),
      "short.wasm": fixture("plugin").subarray(0, 100),
    });
    const call = (tool: string, ...args: readonly number[]) => ({
      call: { tool, arguments: { args } },
    });
    return {
      ...housekeeping(wasm, host, () => files.remove()),
      echo: specOf("module", "plugin.wasm"),
      slow: specOf("module", "plugin.wasm"),
      crash: specOf("module", "plugin.wasm"),
      flood: specOf("module", "plugin.wasm", { maxResultBytes: 256 }),
      silent: specOf("module", "silent.wasm", { startMs: 500 }),
      stubborn: specOf("module", "plugin.wasm"),
      hostile: [
        ...["trap-in-start", "segment-outside", "asks", "hostile-echo", "guest", "missing"].map(
          (name) => specOf("module", `${name}.wasm`),
        ),
        ...["empty.wasm", "short.wasm"].map((name) => specOf("module", name, { root: files.root })),
      ],
      calls: {
        echo: (id) => ({ ...call("echo", id), answers: { results: [id] } }),
        slow: () => call("slow", 0),
        crash: () => call("crash"),
        flood: () => call("flood"),
      },
    };
  },
  {
    without: {
      environment: "a core module has no environment",
      parent: "a Worker is a thread of the host's own process and ends with it",
      progress: "a core module has no import to report with",
      services: "a core module has functions alone",
    },
  },
);
