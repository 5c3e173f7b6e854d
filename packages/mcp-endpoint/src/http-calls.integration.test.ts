import { once } from "node:events";
import { connect } from "node:net";
import type { Client } from "@modelcontextprotocol/client";
import type { FakeTool } from "@sigilrt/lifecycle/testing";
import { describe, expect, it } from "vitest";
import { eras, openHttpGateway, userWith } from "./fixtures/gateway.ts";
import {
  legacyRequest,
  messageOf,
  modernHeaders,
  modernRequest,
  rawRequest,
} from "./fixtures/messages.ts";
import { gated, never, saying, withTool } from "./fixtures/tools.ts";

const call = (client: Client, args: Record<string, unknown> = {}): Promise<unknown> =>
  client.callTool({ name: "work.run", arguments: args });

describe("over HTTP", () => {
  it("answers unknown and forbidden tools with the same bytes in both eras, and records the attempts", async () => {
    await using gateway = await openHttpGateway({
      plugins: { files: { tools: { read: saying("r"), wipe: saying("w") } } },
      tokens: { "ada-token": userWith(["tool.files.read"]) },
    });
    const bodies = async (name: string): Promise<readonly string[]> => {
      const params = { name, arguments: {} };
      const legacy = await gateway.send({ body: legacyRequest("tools/call", params) });
      const modern = await gateway.send({
        headers: modernHeaders("tools/call", name),
        body: modernRequest("tools/call", params),
      });
      return [legacy.body, modern.body];
    };
    expect(await bodies("files.wipe")).toEqual(await bodies("none.none"));
    const { records } = await gateway.audit.query({ action: "capability_check" });
    expect(records.map(({ capability, result }) => [capability, result])).toEqual([
      ["tool.none.none", "denied"],
      ["tool.none.none", "denied"],
      ["tool.files.wipe", "denied"],
      ["tool.files.wipe", "denied"],
    ]);
  });

  it("gives equal views equal bytes, which may be kept for five seconds by their owner alone", async () => {
    const tokens = {
      "ada-token": userWith(["tool.files.*"]),
      "bob-token": userWith(["tool.files.read", "tool.files.wipe"], "bob"),
    };
    await using gateway = await openHttpGateway({
      plugins: { files: { tools: { wipe: saying("w"), read: saying("r") } } },
      tokens,
    });
    const listFor = (token: string): Promise<{ readonly body: string }> =>
      gateway.send({
        headers: { ...modernHeaders("tools/list"), authorization: `Bearer ${token}` },
        body: modernRequest("tools/list"),
      });
    const ada = await listFor("ada-token");
    expect((await listFor("bob-token")).body).toBe(ada.body);
    expect(JSON.parse(ada.body)).toMatchObject({ result: { ttlMs: 5_000, cacheScope: "private" } });
    const legacy = await gateway.send({ body: legacyRequest("tools/list") });
    expect(Object.keys(messageOf(legacy)["result"] as object)).toEqual(["tools"]);
  });

  it("serves the names of the workspace", async () => {
    await using gateway = await openHttpGateway({
      plugins: { files: { tools: { read: saying("r") } } },
      endpoint: {
        names: (workspace) => ({
          separator: "__",
          aliases: { [`${workspace}-read`]: "files.read" },
        }),
      },
    });
    const client = await gateway.connect("legacy");
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["files__read", "home-read"]);
    expect(await client.callTool({ name: "home-read" })).toMatchObject({ isError: false });
    await expect(client.callTool({ name: "files.read" })).rejects.toThrow("Unknown tool");
  });

  it("refuses, and does not hide, a tool that is seen while decisions cannot be recorded", async () => {
    let isFull = false;
    await using gateway = await openHttpGateway({
      plugins: withTool(saying("w")),
      wrapAudit: (audit) => ({
        query: (filter, page) => audit.query(filter, page),
        append: (records, options) =>
          isFull ? Promise.reject(new Error("disk full")) : audit.append(records, options),
      }),
    });
    const client = await gateway.connect("legacy");
    isFull = true;
    expect(await call(client)).toMatchObject({
      isError: true,
      _meta: { "dev.sigilrt/decision": { reason: "not_allowed" } },
    });
  });

  it.each(eras)("stops the call of a client in %s that hangs up", async (name) => {
    const { tool, begun, stopped } = gated();
    await using gateway = await openHttpGateway({ plugins: withTool(tool) });
    const params = { name: "work.run", arguments: {} };
    const isModern = name === "2026-07-28";
    const socket = connect(gateway.port, "127.0.0.1");
    socket.write(
      isModern
        ? rawRequest(modernHeaders("tools/call", "work.run"), modernRequest("tools/call", params))
        : rawRequest({}, legacyRequest("tools/call", params)),
    );
    await begun;
    socket.destroy();
    await stopped;
    expect(await gateway.handled[0]).toBeUndefined();
  });

  it("cancels a call of 2025 by token and id, and none when two calls share both", async () => {
    const calls: { readonly id: unknown; readonly stopped: Promise<void> }[] = [];
    const both = Promise.withResolvers<void>();
    const tool: FakeTool = async function* run({ arguments: { id, wanted } }, { signal }) {
      const stopped = once(signal, "abort").then(() => undefined);
      calls.push({ id, stopped });
      if (calls.length === wanted) both.resolve();
      yield await Promise.race([stopped, never]).then(
        () => ({ kind: "result", isError: false }) as const,
      );
    };
    const tokens = { "ada-token": userWith(["*"]), "bob-token": userWith(["*"], "bob") };
    await using gateway = await openHttpGateway({ plugins: withTool(tool), tokens });
    const start = (token: string, id: number): Promise<unknown> =>
      gateway.send({
        headers: { authorization: `Bearer ${token}` },
        body: legacyRequest(
          "tools/call",
          { name: "work.run", arguments: { id: `${token}-${id}`, wanted: 4 } },
          id,
        ),
      });
    const cancel = (token: string, requestId: unknown): Promise<{ readonly status: number }> =>
      gateway.send({
        headers: { authorization: `Bearer ${token}` },
        body: { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } },
      });
    const answers = [
      start("ada-token", 1),
      start("ada-token", 2),
      start("ada-token", 2),
      start("bob-token", 1),
    ];
    await both.promise;
    const ended: unknown[] = [];
    for (const { id, stopped } of calls) void stopped.then(() => ended.push(id));
    expect((await cancel("ada-token", 2)).status).toBe(202);
    expect((await cancel("ada-token", "1")).status).toBe(202);
    expect((await cancel("ada-token", 1)).status).toBe(202);
    await calls.find(({ id }) => id === "ada-token-1")?.stopped;
    expect(await answers[0]).toMatchObject({ status: 200, body: "" });
    expect(ended).toEqual(["ada-token-1"]);
    await gateway.endpoint.close({ signal: AbortSignal.abort() });
    await Promise.allSettled(answers);
  });
});
