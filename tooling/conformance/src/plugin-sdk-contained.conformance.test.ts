import { join } from "node:path";
import { type CallbackContext, createProcessHost } from "@sigilrt/process-host";
import { describeWith } from "@sigilrt/testing";
import { expect, it } from "vitest";
import { call } from "../fixtures/plugin-sdk/hosted-plugin.ts";
import { fixture } from "../fixtures/plugin-sdk/spawned-plugin.ts";
import { containedPrograms } from "./contained-programs.ts";

describeWith(["bwrap", "prlimit"], "a contained plugin of the SDK", () => {
  it("asks its host by the lane, and is known by it", async () => {
    await using programs = await containedPrograms();
    const root = join(programs.home, "asking");
    await programs.bundle(fixture("asking-plugin.ts"), root);
    const asked: { readonly key: string; readonly context: CallbackContext }[] = [];
    await using host = createProcessHost({
      runner: programs.runner,
      security: { mtls: "off" },
      lane: "required",
      callbacks: {
        kvGet: async ({ key }, context) => {
          asked.push({ key, context });
          return { value: Uint8Array.of(9), version: 3 };
        },
      },
    });
    const identity = {
      plugin: "asking",
      version: "1.0.0",
      digest: "tree1-sha256:0",
      epoch: 1,
      slot: 0,
    };
    const plugin = await host.start("asking", {
      identity,
      adapter: "grpc",
      tier: "process",
      root,
      entry: { command: ["node", "main.mjs"] },
      environment: {},
      config: {},
      secrets: {},
      grants: { allow: [], deny: [], readDeny: [] },
      limits: {
        memoryBytes: 2 ** 29,
        cpu: 1,
        pids: 32,
        maxResultBytes: 2 ** 20,
        startMs: 20_000,
        callMs: 20_000,
        idleMs: 20_000,
      },
    });
    expect(plugin.lane).toBe("framed");
    expect([...plugin.features].toSorted()).toEqual([
      "host.callbacks/1",
      "lane.framed/1",
      "tool.chunks/1",
    ]);
    const answer = {
      kind: "content",
      content: { kind: "text", text: '{"value":"09","version":3}' },
    };
    for (const tool of ["ask", "askByItself"]) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      expect((await call(plugin, tool, { what: "get" }))[0]).toEqual(answer);
    }
    expect(
      asked.map(({ key, context }) => [key, context.id, context.identity, context.requestId]),
    ).toEqual([
      ["colour", "asking", identity, "call-1"],
      ["colour", "asking", identity, undefined],
    ]);
    // What this runner of tests leaks is covered; nothing else was stopped.
    expect(programs.violations.filter((kind) => kind !== "descriptor_covered")).toEqual([]);
    expect((await plugin.close()).cause).toBe("requested");
  });
});
