import { describe, expect, it } from "vitest";
import { createProcessHost, type ProcessHostOptions, unconfinedRunner } from "./index.ts";

const runner = unconfinedRunner();
const create = (options: unknown) => () =>
  createProcessHost({ runner, ...(options as Partial<ProcessHostOptions>) });

describe("createProcessHost", () => {
  it.each([{ security: { addresses: "loopback" } }])(
    "refuses %j, which this version does not have",
    (options) => {
      expect(create(options)).toThrow(
        expect.objectContaining({ name: "ProcessHostError", code: "UNIMPLEMENTED" }),
      );
    },
  );

  it.each([
    { runner: undefined },
    { securty: {} },
    { lane: "fast" },
    { security: { mtls: "maybe" } },
    { broker: { multiplex: true } },
    { callbacks: { kvGet: 1 } },
    { callbacks: { kvgets: () => undefined } },
  ])("refuses %j as no option", (options) => {
    expect(create(options)).toThrow(TypeError);
  });

  it.each([
    { limits: { maxMessageBytes: 0 } },
    { limits: { maxMessageBytes: 2 ** 31 } },
    { timeouts: { spawnMs: 0 } },
    { timeouts: { initMs: Number.NaN } },
    { graces: { killMs: -1 } },
    { graces: { drainMs: Number.POSITIVE_INFINITY } },
  ])("refuses %j as no limit", (options) => {
    expect(create(options)).toThrow(RangeError);
  });

  it("serves the adapter grpc", () => {
    expect(create({ lane: "auto", broker: { multiplex: "off" } })().adapters).toEqual(["grpc"]);
  });
});
