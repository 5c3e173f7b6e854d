import { basename, join } from "node:path";
import type { StartSpec } from "@sigilrt/lifecycle";
import { type CallbackContext, createProcessHost } from "@sigilrt/process-host";
import { describeWith } from "@sigilrt/testing";
import { expect, it } from "vitest";
import { call } from "../fixtures/plugin-sdk/hosted-plugin.ts";
import { fixture } from "../fixtures/plugin-sdk/spawned-plugin.ts";
import { containedPrograms } from "./contained-programs.ts";
import { livingWith } from "./each-type.ts";

const specOf = (plugin: string, root: string, ...args: readonly string[]): StartSpec => ({
  identity: { plugin, version: "1.0.0", digest: "tree1-sha256:0", epoch: 1, slot: 0 },
  adapter: "grpc",
  tier: "process",
  root,
  entry: { command: ["node", "main.mjs", ...args] },
  environment: {},
  config: {},
  secrets: {},
  grants: { allow: [], deny: [], readDeny: [] },
  limits: {
    memoryBytes: 2 ** 29,
    cpu: 1,
    pids: 64,
    maxResultBytes: 2 ** 20,
    startMs: 20_000,
    callMs: 20_000,
    idleMs: 20_000,
  },
});

describeWith(["bwrap", "prlimit"], "a contained plugin of the SDK", () => {
  it("leaves no process that it forked away from itself", async () => {
    await using programs = await containedPrograms();
    const root = join(programs.home, "forking");
    await programs.bundle(fixture("forking-plugin.ts"), root);
    await using host = createProcessHost({ runner: programs.runner, security: { mtls: "off" } });
    const mark = `orphan of ${basename(programs.home)}`;
    const plugin = await host.start("forking", specOf("forking", root, mark));
    await call(plugin, "fork");
    expect(livingWith(`// ${mark}`)).toBeGreaterThan(0);
    expect((await plugin.close()).cause).toBe("requested");
    expect(livingWith(mark)).toBe(0);
  });

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
    const spec = specOf("asking", root);
    const plugin = await host.start("asking", spec);
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
      ["colour", "asking", spec.identity, "call-1"],
      ["colour", "asking", spec.identity, undefined],
    ]);
    // What this runner of tests leaks is covered; nothing else was stopped.
    expect(programs.violations.filter((kind) => kind !== "descriptor_covered")).toEqual([]);
    expect((await plugin.close()).cause).toBe("requested");
  });
});
