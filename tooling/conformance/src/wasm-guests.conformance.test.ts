import { readFileSync } from "node:fs";
import { createWasmHost, type WasmHost } from "@sigilrt/wasm-host";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiledGuests, describeGuest, guestFile, readGuestRecord } from "./wasm-guests.ts";

let host: WasmHost;
beforeAll(() => {
  host = createWasmHost({ isolation: "worker", timeoutMs: 60_000, fuelLimit: 10_000_000 });
});
afterAll(async () => {
  await host.close();
});

describe.each(compiledGuests)("the guest in $name", (guest) => {
  const load = (granted: boolean, instancePer: "plugin" | "call" = "plugin") =>
    host.loadComponent(guest.name, new Uint8Array(readFileSync(guestFile(guest.name, "wasm"))), {
      decide: async ({ capability }) => granted && capability === "random.read",
      imports: { random: async (length) => new Uint8Array(length).fill(10) },
      instancePer,
    });

  it("has a record that tells of these sources and bytes", () => {
    const record = readGuestRecord(guest.name);
    expect(record).toEqual(describeGuest(guest, record.version));
  });

  it("describes its tools and runs them, at the same cost in each fresh guest", async () => {
    await using component = await load(false, "call");
    const tools = await component.describe();
    expect(tools.map(({ name }) => name)).toEqual(["echo", "dice"]);
    const json = JSON.stringify({ text: "größer als 💯", list: [1, null, true] });
    const first = await component.call("echo", json, { traceparent: "00-1-2-00" });
    expect(first).toMatchObject({ kind: "completed", json });
    expect((await component.call("echo", json, { traceparent: "00-1-2-00" })).fuelUsed).toBe(
      first.fuelUsed,
    );
  });

  it("is denied what nobody granted, and goes on", async () => {
    await using component = await load(false);
    expect(await component.call("dice", "{}")).toMatchObject({
      kind: "failed",
      error: { code: "denied", message: "no randomness", retryable: false },
    });
    expect(await component.call("echo", "1")).toMatchObject({ json: "1" });
    await using granted = await load(true);
    expect(await granted.call("dice", "{}")).toMatchObject({ kind: "completed", json: "5" });
  });

  it("answers its own failure for a tool it has not", async () => {
    await using component = await load(false);
    expect(await component.call("nobody", "{}")).toMatchObject({
      error: { code: "unknown-tool" },
    });
  });
});
