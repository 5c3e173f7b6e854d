import { fileURLToPath } from "node:url";
import { STATUS } from "@sigilrt/protocol";
import { describe, expect, it } from "vitest";
import {
  createProcessHost,
  type ProcessHostOptions,
  type RunningProcess,
  unconfinedRunner,
} from "./index.ts";

const program = fileURLToPath(new URL("testing/lane-plugin.ts", import.meta.url));
const command = (mode: string) => ({
  path: process.execPath,
  args: ["--conditions=@sigilrt/source", program, mode],
});

async function started(mode: string, options: Partial<ProcessHostOptions> = {}) {
  const host = createProcessHost({
    runner: unconfinedRunner(),
    security: { mtls: "off" },
    graces: { shutdownMs: 100, terminateMs: 100 },
    ...options,
  });
  const plugin = await host.launch(command(mode)).catch(async (error: unknown) => {
    await host.close();
    throw error;
  });
  return { plugin, [Symbol.asyncDispose]: () => host.close() };
}

async function echo(
  plugin: RunningProcess,
  signal = new AbortController().signal,
  given: Readonly<Record<string, number | boolean>> = {},
) {
  const request = {
    tool: "echo",
    arguments: given,
    requestId: "1",
    principal: { workspace: "w", user: "u" },
  };
  const chunks = [];
  for await (const chunk of plugin.call(request, { signal, deadlineAt: Date.now() + 10_000 })) {
    chunks.push(chunk);
  }
  return chunks;
}

describe("the lane", () => {
  it("is spoken where both know it, and is what callers notice least", async () => {
    await using run = await started("well");
    expect(run.plugin.lane).toBe("framed");
    await run.plugin.ping();
    expect(await echo(run.plugin)).toHaveLength(2);
    const stop = new AbortController();
    const waiting = echo(run.plugin, stop.signal, { wait: true });
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await echo(run.plugin)).toHaveLength(2);
  });

  it.each(["required", "off"] as const)(
    "carries each status as gRPC does, lane %s",
    async (lane) => {
      await using run = await started("well", { lane });
      const codes = Object.values(STATUS).filter((code) => code !== STATUS.OK);
      const failures = await Promise.allSettled(
        codes.map((status) => echo(run.plugin, undefined, { status })),
      );
      const statusOf = (end: PromiseSettledResult<unknown>): unknown => {
        const cause = end.status === "rejected" ? end.reason.cause : undefined;
        // The contract says so of a tool that is not there.
        return cause?.code === "TOOL_UNKNOWN" ? STATUS.NOT_FOUND : cause?.status;
      };
      expect(failures.map(statusOf)).toEqual(codes);
      expect(await echo(run.plugin, undefined, { status: STATUS.OK })).toHaveLength(2);
    },
  );

  it.each(["unaware", "no-open", "bad-terms", "bad-version", "hangs-open"])(
    "gives way to gRPC with a plugin that is %s",
    async (mode) => {
      await using run = await started(mode);
      expect([run.plugin.lane, run.plugin.features.has("lane.framed/1")]).toEqual(["grpc", false]);
      expect(await echo(run.plugin)).toHaveLength(2);
    },
  );

  it.each(["unaware", "no-open", "bad-terms"])(
    "is refused where it is required: %s",
    async (mode) => {
      await expect(started(mode, { lane: "required" })).rejects.toMatchObject({
        code: "LANE_UNAVAILABLE",
        phase: "negotiate",
      });
    },
  );

  it("is refused where it is required and the runner shares nothing", async () => {
    const { link: _, ...runner } = unconfinedRunner();
    await expect(started("unaware", { lane: "required", runner })).rejects.toMatchObject({
      code: "LANE_UNAVAILABLE",
    });
    await using without = await started("no-open", { runner });
    expect(without.plugin.lane).toBe("grpc");
  });

  it("is left out on request", async () => {
    await using run = await started("well", { lane: "off" });
    expect([run.plugin.lane, [...run.plugin.features]]).toEqual(["grpc", ["tool.chunks/1"]]);
  });
});

describe("a plugin that breaks the rules of the lane", () => {
  it.each([
    "garbage",
    "short",
    "huge",
    "kind",
    "stranger",
    "opens-ours",
    "not-rising",
    "overrun",
    "fragments",
    "after-end",
    "two-ends",
    "credit",
    "pong",
    "too-many",
  ])("is stopped: %s", async (mode) => {
    const callbacks = { kvGet: () => new Promise<never>(() => undefined) };
    await using run = await started(mode, { callbacks });
    const failure = await run.plugin.describe().then(
      () => undefined,
      (error: unknown) => error,
    );
    // What is wrong with the answer itself may be seen before the breach.
    const isOfAnswer = ["after-end", "two-ends", "overrun"].includes(mode);
    expect(failure).toMatchObject({
      code: "PROTOCOL",
      cause: { code: isOfAnswer ? "PLUGIN_MISBEHAVED" : "LANE_VIOLATED" },
    });
    expect(await run.plugin.exited).toMatchObject({ signal: "SIGKILL" });
    await expect(run.plugin.describe()).rejects.toMatchObject({ code: "CLOSED" });
  });

  it("or closes it is stopped as well: nothing falls back silently", async () => {
    await using run = await started("hangs-up");
    expect(run.plugin.lane).toBe("framed");
    await expect(run.plugin.describe()).rejects.toMatchObject({ code: "CRASHED" });
    await run.plugin.exited;
    await expect(run.plugin.describe()).rejects.toMatchObject({ code: "CLOSED" });
  });
});
