import { createManualClock } from "@sigilrt/lifecycle/testing";
import type { McpEndpointOptions } from "@sigilrt/mcp-endpoint";
import { describe, expect, it } from "vitest";
import { type HttpGateway, openHttpGateway } from "./fixtures/gateway.ts";
import { legacyRequest, messageOf, modernHeaders, modernRequest } from "./fixtures/messages.ts";
import { saying } from "./fixtures/tools.ts";

const plugins = { files: { tools: { read: saying("read") } } };
const list = legacyRequest("tools/list");
const open = (
  endpoint: Partial<McpEndpointOptions> = {},
  more: Partial<Parameters<typeof openHttpGateway>[0]> = {},
): Promise<HttpGateway> => openHttpGateway({ plugins, endpoint, ...more });

describe("admission", () => {
  it("comes after the checks of the message, and says when to try again", async () => {
    const admitted: string[] = [];
    const admit: McpEndpointOptions["admit"] = (principal) => {
      admitted.push(principal.user);
      return Promise.resolve({ ok: false, retryAfterMs: 1_500 });
    };
    await using gateway = await open({ admit });
    await gateway.send({ body: "{" });
    await gateway.send({ headers: { authorization: undefined }, body: list });
    await gateway.send({
      headers: modernHeaders("tools/call"),
      body: modernRequest("tools/list"),
    });
    expect(admitted).toEqual([]);
    const answers = [
      await gateway.send({ body: list }),
      await gateway.send({
        headers: modernHeaders("tools/list"),
        body: modernRequest("tools/list"),
      }),
    ];
    for (const answer of answers) {
      expect([answer.status, answer.headers["retry-after"]]).toEqual([429, "2"]);
      expect(messageOf(answer)).toEqual({
        jsonrpc: "2.0",
        id: 1,
        error: { code: -32_000, message: "Too many requests", data: { retryAfterMs: 1_500 } },
      });
    }
    expect(admitted).toEqual(["ada", "ada"]);
  });

  it.each<readonly [string, () => Promise<never>, number]>([
    ["rejects", () => Promise.reject(new Error("redis is gone")), 503],
    ["answers nothing", () => Promise.resolve(undefined as never), 503],
    ["answers something that is not ok", () => Promise.resolve({ ok: "yes" } as never), 429],
  ])("refuses when it %s", async (_what, admit, status) => {
    await using gateway = await open({ admit });
    const answer = await gateway.send({ body: list });
    expect(answer.status).toBe(status);
    expect(answer.body).not.toContain("redis");
  });

  it("refuses when it does not answer", async () => {
    const clock = createManualClock();
    const asked = Promise.withResolvers<void>();
    const admit: McpEndpointOptions["admit"] = () => {
      asked.resolve();
      return new Promise(() => undefined);
    };
    await using gateway = await open({ admit, clock });
    const answer = gateway.send({ body: list });
    await asked.promise;
    await clock.advance(5_000);
    expect((await answer).status).toBe(503);
  });

  it("is not asked about notifications", async () => {
    await using gateway = await open({ admit: () => Promise.resolve({ ok: false }) });
    const body = { jsonrpc: "2.0", method: "notifications/initialized" };
    expect((await gateway.send({ body })).status).toBe(202);
  });
});
