import { createWasmHost, WasmError } from "@sigilrt/wasm-host";

const host = createWasmHost({ isolation: "worker" });

// (module (func (export "double") (param i32) (result i32) local.get 0 local.get 0 i32.add)
//         (func (export "spin") (loop $again br $again)))
const bytes = Uint8Array.from([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x09, 0x02, 0x60, 0x01, 0x7f, 0x01, 0x7f,
  0x60, 0x00, 0x00, 0x03, 0x03, 0x02, 0x00, 0x01, 0x07, 0x11, 0x02, 0x06, 0x64, 0x6f, 0x75, 0x62,
  0x6c, 0x65, 0x00, 0x00, 0x04, 0x73, 0x70, 0x69, 0x6e, 0x00, 0x01, 0x0a, 0x11, 0x02, 0x07, 0x00,
  0x20, 0x00, 0x20, 0x00, 0x6a, 0x0b, 0x07, 0x00, 0x03, 0x40, 0x0c, 0x00, 0x0b, 0x0b,
]);
const numbers = await host.loadModule("numbers", bytes);
console.log((await numbers.call("double", [21])).values);

// A loop without end costs its caller the deadline and nobody else anything.
try {
  await numbers.call("spin", [], { timeoutMs: 250 });
} catch (error) {
  console.log(error instanceof WasmError && `${error.code} in phase ${error.phase}`);
}
console.log((await numbers.call("double", [4])).values);

// Fuel counts work alike on every machine: the same call costs the same, and a stop comes at the same instruction.
const metered = createWasmHost({ isolation: "worker", fuelLimit: 1_000 });
const counted = await metered.loadModule("numbers", bytes);
console.log((await counted.call("double", [21])).fuelUsed);
try {
  await counted.call("spin");
} catch (error) {
  console.log(error instanceof WasmError && error.code);
}
await metered.close();
await host.close();
