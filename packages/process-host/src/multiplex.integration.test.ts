import type { RunningPlugin } from "@sigilrt/lifecycle";
import { describe, expect, it } from "vitest";
import type { ProcessHostOptions, RunningProcess } from "./index.ts";
import { collect } from "./testing/collect.ts";
import { fixtureSpec, processFixture } from "./testing/process-fixture.ts";

const { signal } = new AbortController();
const call = (plugin: RunningPlugin, tool: string) =>
  collect(
    plugin.call(
      { tool, arguments: {}, requestId: tool, principal: { workspace: "w", user: "u" } },
      { signal, deadlineAt: Date.now() + 10_000 },
    ),
  );

async function started(
  multiplex: "off" | "auto" | "required",
  mode: string,
  detail = "",
  options: Partial<ProcessHostOptions> = {},
) {
  const fixture = await processFixture({ broker: { multiplex }, ...options });
  const spec = fixtureSpec(mode, fixture.token, detail);
  const plugin = (await fixture.host.start("x", spec)) as RunningProcess;
  return { plugin, fixture, [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose]() };
}

/** How a start ends that must fail, and what is left of it. */
async function refusal(multiplex: "auto" | "required", mode: string, detail = "") {
  await using fixture = await processFixture({ broker: { multiplex } });
  const error: unknown = await fixture.host
    .start("x", fixtureSpec(mode, fixture.token, detail))
    .catch((thrown: unknown) => thrown);
  return {
    error,
    processes: await fixture.liveProcesses(),
    leftovers: await fixture.leftovers(),
  };
}

describe("a plugin on one connection", () => {
  it.each(["required", "off"] as const)("is called and stopped, mtls %s", async (mtls) => {
    await using run = await started("required", "mux", "", { security: { mtls } });
    expect(await call(run.plugin, "echo")).toHaveLength(1);
    expect(await run.plugin.close()).toMatchObject({ cause: "requested", code: 0 });
    expect(await run.fixture.leftovers()).toEqual([]);
  });

  it.each(["echo", "mux-claimed"])("is not one where it is not asked for: %s", async (mode) => {
    await using run = await started("off", mode);
    expect(await call(run.plugin, "echo")).toHaveLength(1);
  });

  it("is not insisted on by auto", async () => {
    await using run = await started("auto", "echo");
    expect(await call(run.plugin, "echo")).toHaveLength(1);
  });

  it.each(["", "|false"])("is insisted on by required: a line that ends in %j", async (end) => {
    expect(await refusal("required", "line", `1|1|unix|SOCKET|grpc|${end}`)).toMatchObject({
      error: { code: "PROTOCOL", cause: { code: "MULTIPLEX_UNSUPPORTED", phase: "handshake" } },
      processes: 0,
      leftovers: [],
    });
  });

  it("is refused when it says so and speaks HTTP/2", async () => {
    expect(await refusal("auto", "mux-claimed")).toMatchObject({
      error: { code: "START_FAILED", cause: { code: "CONNECT_FAILED", phase: "connect" } },
      processes: 0,
      leftovers: [],
    });
  });

  it.each([
    ["another version", "010000000000000000000000"],
    ["a stream with a number of the host", "000100010000000100000000"],
    ["data of a stream that was never opened", "00000000000000090000000141"],
    ["a body of more than a window", "0000000000000001ffffffff"],
    ["an overflow of a window", "0001000000000001ffffffff"],
    ["a farewell with a reason", "000300000000000000000001"],
  ])("is ended when it sends %s, and the call says so", async (_, bytes) => {
    await using run = await started("required", "mux", bytes);
    await expect(call(run.plugin, "misbehave")).rejects.toMatchObject({
      code: "PROTOCOL",
      cause: {
        code: "PLUGIN_MISBEHAVED",
        cause: { code: "MUX_VIOLATED" },
      },
    });
    expect(await run.plugin.exited).toMatchObject({ signal: "SIGKILL" });
    const said = (await collect(run.plugin.logs)).map(({ message }) => message);
    expect(said).toContainEqual(expect.stringContaining("Cannot use a multiplexed connection"));
    expect(await run.fixture.liveProcesses()).toBe(0);
    expect(await run.fixture.leftovers()).toEqual([]);
  });
});
