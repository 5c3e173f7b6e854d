import { createHash } from "node:crypto";
import { once } from "node:events";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describeWith } from "@sigilrt/testing";
import { expect, it } from "vitest";
import { codeLinesOf, makeCuriousFolder } from "./fixtures/curious-folder.ts";
import { openServerWithMcp } from "./in-http-server.ts";

const token = "a-token-of-at-least-so-many-bits";
const ada = {
  workspace: "home",
  user: "ada",
  workspaceAllow: ["tool.*"],
  permissions: ["tool.curious.environment"],
};

describeWith(["bwrap", "prlimit"], "an endpoint in a server that is there already", () => {
  it("has sixty lines of code at most", () => {
    expect(codeLinesOf("in-http-server.ts")).toBeLessThanOrEqual(60);
  });

  it("serves MCP beside the server's own pages, to whom it knows", async () => {
    await using place = await makeCuriousFolder();
    const hash = createHash("sha256").update(token).digest("hex");
    await using composed = await openServerWithMcp({
      ...place,
      principals: new Map([[hash, ada]]),
      app: (_request, response) => void response.end("hello"),
    });
    composed.server.listen(0, "127.0.0.1");
    await once(composed.server, "listening");
    const address = composed.server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const base = `http://127.0.0.1:${port}`;
    expect(await (await fetch(`${base}/mcpx`)).text()).toBe("hello");
    const stranger = await fetch(`${base}/mcp`, { method: "POST", body: "{}" });
    expect(stranger.status).toBe(401);

    const client = new Client(
      { name: "test", version: "1.0.0" },
      { versionNegotiation: { mode: { pin: "2026-07-28" } } },
    );
    const headers = { authorization: `Bearer ${token}` };
    const transport = new StreamableHTTPClientTransport(new URL(`${base}/mcp`), {
      requestInit: { headers },
    });
    await client.connect(transport);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["curious.environment"]);
    const answer = await client.callTool({ name: "curious.environment", arguments: {} });
    expect(JSON.stringify(answer.content)).toContain("GREETING");
    await client.close();
  });
});
