import { Client as ClientV2, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { fileURLToPath } from "node:url";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type McpGateway, openMcpGateway, sigil } from "./mcp-gateway.ts";
import { inspect } from "./mcp-inspector.ts";

/** What the clients of both major versions have in common. */
type AnyClient = Pick<ClientV1, "close"> & {
  readonly listTools: () => Promise<{ readonly tools: readonly Named[] }>;
  readonly callTool: (call: { name: string; arguments: object }) => Promise<object>;
  readonly listPrompts: () => Promise<{ readonly prompts: readonly Named[] }>;
  readonly getPrompt: (ask: { name: string; arguments: object }) => Promise<object>;
  readonly listResources: () => Promise<{ readonly resources: readonly Named[] }>;
  readonly listResourceTemplates: () => Promise<object>;
  readonly readResource: (ask: { uri: string }) => Promise<object>;
  readonly complete: (ask: object) => Promise<object>;
};
interface Named {
  readonly name: string;
}
type Way = (gateway: McpGateway) => Promise<AnyClient>;

const about = { name: "clients", version: "1.0.0" };
const bearer = ({ token }: McpGateway): { readonly headers: Record<string, string> } => ({
  headers: { authorization: `Bearer ${token}` },
});
const stdioOf = ({
  config,
}: McpGateway): { command: string; args: string[]; stderr: "ignore" } => ({
  command: sigil,
  args: ["up", "--stdio", "--config", config, "--user", "ada", "--workspace", "studio"],
  stderr: "ignore",
});

const v1 = async (transport: HttpV1 | StdioV1): Promise<AnyClient> => {
  const client = new ClientV1(about);
  await client.connect(transport);
  return client as unknown as AnyClient;
};
const v2 = async (
  mode: "legacy" | { readonly pin: string },
  transport: StreamableHTTPClientTransport | StdioClientTransport,
): Promise<AnyClient> => {
  const client = new ClientV2(about, { versionNegotiation: { mode } });
  await client.connect(transport);
  return client as unknown as AnyClient;
};
const http = (gateway: McpGateway): StreamableHTTPClientTransport =>
  new StreamableHTTPClientTransport(new URL(gateway.address), { requestInit: bearer(gateway) });
const modern = { pin: "2026-07-28" };

const ways: readonly (readonly [string, Way])[] = [
  [
    "version 1 over HTTP",
    (gateway) => v1(new HttpV1(new URL(gateway.address), { requestInit: bearer(gateway) })),
  ],
  ["version 1 over standard streams", (gateway) => v1(new StdioV1(stdioOf(gateway)))],
  ["version 2 over HTTP in 2025-11-25", (gateway) => v2("legacy", http(gateway))],
  ["version 2 over HTTP in 2026-07-28", (gateway) => v2(modern, http(gateway))],
  [
    "version 2 over standard streams in 2025-11-25",
    (gateway) => v2("legacy", new StdioClientTransport(stdioOf(gateway))),
  ],
  [
    "version 2 over standard streams in 2026-07-28",
    (gateway) => v2(modern, new StdioClientTransport(stdioOf(gateway))),
  ],
];

describeWith(["bwrap", "prlimit"], "a gateway over a wrapped server", () => {
  let gateway: McpGateway;

  beforeAll(async () => {
    const from = fileURLToPath(new URL("../fixtures/mcp/features.mjs", import.meta.url));
    gateway = await openMcpGateway({
      servers: {
        features: {
          from,
          manifest:
            "capabilities: [prompt.features.test_simple_prompt, prompt.features.test_prompt_with_arguments, resource.features.test:.static-text, resource.features.test:.template./*]\n",
        },
        closed: { from },
      },
    });
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  describe.each(ways)("serves the SDK client of %s", (_way, connect) => {
    it("tools, prompts and resources, as far as they are granted", async () => {
      const client = await connect(gateway);
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(
        expect.arrayContaining(["closed.test_simple_text", "features.test_simple_text"]),
      );
      expect(
        await client.callTool({ name: "features.test_simple_text", arguments: {} }),
      ).toMatchObject({
        content: [{ type: "text", text: expect.stringContaining("simple text") }],
      });

      // The server offers four prompts and three resources; it was granted two and one. Of the other one nothing was granted.
      const { prompts } = await client.listPrompts();
      expect(prompts.map(({ name }) => name)).toEqual([
        "features.test_prompt_with_arguments",
        "features.test_simple_prompt",
      ]);
      expect(
        await client.getPrompt({
          name: "features.test_prompt_with_arguments",
          arguments: { arg1: "a", arg2: "b" },
        }),
      ).toMatchObject({ messages: [{ content: { text: expect.stringContaining("arg2='b'") } }] });
      const { resources } = await client.listResources();
      expect(resources).toMatchObject([{ uri: "test://static-text", name: "static-text" }]);
      expect(await client.readResource({ uri: "test://static-text" })).toMatchObject({
        contents: [{ uri: "test://static-text", text: expect.stringContaining("static text") }],
      });
      expect(await client.listResourceTemplates()).toMatchObject({
        resourceTemplates: [{ uriTemplate: "test://template/{id}/data" }],
      });
      expect(await client.readResource({ uri: "test://template/7/data" })).toMatchObject({
        contents: [{ text: expect.stringContaining('"id":"7"') }],
      });
      expect(
        await client.complete({
          ref: { type: "ref/prompt", name: "features.test_prompt_with_arguments" },
          argument: { name: "arg1", value: "o" },
        }),
      ).toMatchObject({ completion: { values: ["one", "two"] } });
      await client.close();
    });

    it("nothing else, in the same words whether or not it exists", async () => {
      const client = await connect(gateway);
      const errorOf = (work: Promise<object>): Promise<unknown> =>
        work.then(
          () => "no error",
          ({ code, message }: { readonly code: number; readonly message: string }) => [
            code,
            message.replaceAll(/test:\S+/gu, "URI"),
          ],
        );
      const prompt = (name: string): Promise<unknown> =>
        errorOf(client.getPrompt({ name, arguments: {} }));
      const absent = await prompt("features.nothing");
      expect(absent).toEqual([-32_602, expect.stringContaining("Unknown prompt")]);
      for (const name of ["features.test_prompt_with_image", "closed.test_simple_prompt"]) {
        // oxlint-disable-next-line no-await-in-loop -- two
        expect(await prompt(name)).toEqual(absent);
      }
      const read = (uri: string): Promise<unknown> => errorOf(client.readResource({ uri }));
      const nowhere = await read("test://nowhere");
      expect(nowhere).toEqual([expect.any(Number), expect.stringMatching(/not found/iu)]);
      // Not granted; not listed; made from the template and outside of it.
      for (const uri of ["test://static-binary", "test://template/7/../8/data"]) {
        // oxlint-disable-next-line no-await-in-loop -- two
        expect(await read(uri)).toEqual(nowhere);
      }
      await client.close();
    });
  });

  describe.each([
    [
      "HTTP",
      ({ address, token }: McpGateway) => [
        "--server-url",
        address,
        "--transport",
        "http",
        "--header",
        `Authorization: Bearer ${token}`,
      ],
    ],
    [
      "standard streams",
      (opened: McpGateway) => {
        const { command, args } = stdioOf(opened);
        return ["--", command, ...args];
      },
    ],
  ])("serves the Inspector's command line over %s", (_way, target) => {
    it("tools, prompts and resources", async () => {
      // Behind `--` stands the program alone.
      const ask = (...method: readonly string[]): Promise<unknown> =>
        inspect(...method, ...target(gateway));
      expect(await ask("--method", "tools/list")).toMatchObject({
        tools: expect.arrayContaining([
          expect.objectContaining({ name: "features.test_simple_text" }),
        ]),
      });
      const call = ["--method", "tools/call", "--tool-name", "features.test_header_tool"];
      expect(await ask(...call, "--tool-arg", "query=x")).toMatchObject({
        content: [{ type: "text", text: '{"query":"x"}' }],
      });
      expect(await ask("--method", "prompts/list")).toMatchObject({
        prompts: [
          { name: "features.test_prompt_with_arguments" },
          { name: "features.test_simple_prompt" },
        ],
      });
      expect(await ask("--method", "resources/read", "--uri", "test://static-text")).toMatchObject({
        contents: [{ uri: "test://static-text" }],
      });
    });
  });
});
