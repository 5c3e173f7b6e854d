import { createPlugin } from "@extism/extism";
import { createWasmHost } from "@sigilrt/wasm-host";
import type { CallCase } from "./call-ratio.ts";

// (module (func (export "answer") (result i32) i32.const 0))
const bytes = Uint8Array.from([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7f, 0x03,
  0x02, 0x01, 0x00, 0x07, 0x0a, 0x01, 0x06, 0x61, 0x6e, 0x73, 0x77, 0x65, 0x72, 0x00, 0x00, 0x0a,
  0x06, 0x01, 0x04, 0x00, 0x41, 0x00, 0x0b,
]);

export const wasmHostCases: readonly CallCase[] = [
  {
    // wasm-host.md section 15, first row, without the 100 B: the guests' conventions for bytes differ.
    name: "wasm-host: call of a function in a worker, against Extism 1.0.3 in a worker",
    maxRatio: 0.6,
    calls: 1_000,
    async open() {
      const host = createWasmHost({ isolation: "worker" });
      const module = await host.loadModule("answer", bytes);
      const plugin = await createPlugin({ wasm: [{ data: bytes }] }, { runInWorker: true });
      return {
        ours: async () => (await module.call("answer")).values.length,
        // The function answers 0, which is Extism's word for success, and no bytes.
        peer: async () => ((await plugin.call("answer")) === null ? 1 : 0),
        async [Symbol.asyncDispose]() {
          await plugin.close();
          await host.close();
        },
      };
    },
  },
  {
    // wasm-host.md section 6.5.
    name: "wasm-host: call of a function in a worker with fuel, against one without",
    maxRatio: 1.1,
    calls: 1_000,
    async open() {
      const metered = createWasmHost({ isolation: "worker", fuelLimit: 1_000_000 });
      const plain = createWasmHost({ isolation: "worker" });
      const counted = await metered.loadModule("answer", bytes);
      const uncounted = await plain.loadModule("answer", bytes);
      return {
        ours: async () => (await counted.call("answer")).values,
        peer: async () => (await uncounted.call("answer")).values,
        async [Symbol.asyncDispose]() {
          await metered.close();
          await plain.close();
        },
      };
    },
  },
];
