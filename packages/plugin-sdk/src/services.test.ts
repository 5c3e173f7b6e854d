import { describe, expect, it } from "vitest";
import { defineChannel } from "./channel.ts";
import { checkPlugin, type PluginOptions } from "./plugin-options.ts";
import { defineProvider } from "./provider.ts";
import { instantOf } from "./wire-instant.ts";

const nothing = async function* (): AsyncGenerator<never> {
  yield* [];
};
const send = async (): Promise<{ platformMessageId: string }> => ({ platformMessageId: "1" });

describe("defineChannel", () => {
  it("takes what a channel needs, and keeps it from changing", () => {
    const channel = defineChannel({ inbound: nothing, send });
    expect(channel.kind).toBe("channel");
    expect(Object.isFrozen(channel)).toBe(true);
  });

  it.each([
    [{ send }, "inbound is no function"],
    [{ inbound: nothing }, "send is no function"],
    [{ inbound: nothing, send, presence: 7 }, "presence is no function"],
    [{ inbound: nothing, send, identity: "x" }, "identity is no function"],
  ])("refuses %j", (options, words) => {
    expect(() => defineChannel(options as never)).toThrow(`Cannot define a channel: ${words}`);
  });
});

describe("defineProvider", () => {
  it.each([
    [{ chat: nothing }, "models is no function"],
    [{ models: () => [] }, "chat is no function"],
    [{ models: () => [], chat: nothing, status: true }, "status is no function"],
  ])("refuses %j", (options, words) => {
    expect(() => defineProvider(options as never)).toThrow(`Cannot define a provider: ${words}`);
  });
});

describe("a plugin", () => {
  const named = { name: "demo", version: "1.0.0" };
  it.each([
    [{}, "it offers nothing"],
    [{ channel: { inbound: nothing, send } }, "channel is not what defineChannel made"],
    [{ provider: { models: () => [], chat: nothing } }, "provider is not what defineProvider made"],
  ])("is refused with %j", (parts, words) => {
    expect(() => checkPlugin({ ...named, ...parts } as PluginOptions)).toThrow(words);
  });

  it("may offer a channel or a provider alone", () => {
    checkPlugin({ ...named, channel: defineChannel({ inbound: nothing, send }) });
    checkPlugin({ ...named, provider: defineProvider({ models: () => [], chat: nothing }) });
    expect.assertions(0);
  });
});

it.each([
  ["1970-01-01T00:00:00.000Z", 0n, 0],
  ["2026-01-02T03:04:05.678Z", 1_767_323_045n, 678_000_000],
  ["1969-12-31T23:59:59.500Z", -1n, 500_000_000],
] as const)("tells the instant %s as the wire has it", (text, seconds, nanos) => {
  expect(instantOf(new Date(text))).toEqual({ seconds, nanos });
});

it("refuses a date that is none", () => {
  expect(() => instantOf(new Date(Number.NaN))).toThrow(TypeError);
});
