import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { describeWith } from "@sigilrt/testing";
import { removeFolder } from "@sigilrt/testing/remove-folder";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { layOutPlain } from "./lay-out-plain.ts";
import { type McpGateway, openMcpGateway } from "./mcp-gateway.ts";

const published = (name: string): string => `@modelcontextprotocol/server-${name}`;
const entryOf = (name: string, ...args: readonly string[]): readonly string[] => [
  "node",
  `node_modules/${published(name)}/dist/index.js`,
  ...args,
];
const own = "/data/plugins/self";

/** The servers as they are published, and what their manifests say beyond the usual. */
const servers = {
  filesystem: { entry: entryOf("filesystem", own), manifest: "" },
  memory: {
    entry: entryOf("memory"),
    manifest: `env: { MEMORY_FILE_PATH: ${own}/memory.json }\n`,
  },
  everything: {
    entry: entryOf("everything", "stdio"),
    manifest: "capabilities: [prompt.everything.*, resource.everything.*]\n",
  },
  "sequential-thinking": { entry: entryOf("sequential-thinking"), manifest: "" },
} as const;

const eras = [
  ["2025-11-25", "legacy"],
  ["2026-07-28", { pin: "2026-07-28" }],
] as const;

describeWith(["bwrap", "prlimit"], "published servers behind the gateway", () => {
  let gateway: McpGateway;
  const folders: string[] = [];

  beforeAll(async () => {
    const laidOut = Object.entries(servers).map(([name, { entry, manifest }]) => {
      const folder = mkdtempSync(join(tmpdir(), "published-"));
      folders.push(folder);
      layOutPlain(published(name), folder);
      return [name, { from: folder, entry, manifest }] as const;
    });
    gateway = await openMcpGateway({ servers: Object.fromEntries(laidOut) });
    // Some hundred megabytes are copied, hashed and approved.
  }, 400_000);
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    for (const folder of folders) removeFolder(folder);
  });

  describe.each(eras)("in %s", (era, mode) => {
    const connect = async (): Promise<Client> => {
      const client = new Client(
        { name: "published", version: "1.0.0" },
        { versionNegotiation: { mode } },
      );
      const headers = { authorization: `Bearer ${gateway.token}` };
      const url = new URL(gateway.address);
      await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
      return client;
    };
    const call = async (client: Client, name: string, args: object): Promise<string> => {
      const { content, isError } = await client.callTool({ name, arguments: { ...args } });
      return `${isError === true ? "ERROR " : ""}${JSON.stringify(content)}`;
    };

    it("answer their tools", async () => {
      const client = await connect();
      const path = `${own}/${era}.txt`;
      await call(client, "filesystem.write_file", { path, content: "written inside" });
      expect(await call(client, "filesystem.read_text_file", { path })).toContain("written inside");
      expect(await call(client, "filesystem.read_text_file", { path: "/etc/passwd" })).toMatch(
        /^ERROR .*denied/u,
      );
      const entities = [{ name: `Ada ${era}`, entityType: "person", observations: ["counts"] }];
      await call(client, "memory.create_entities", { entities });
      expect(await call(client, "memory.search_nodes", { query: era })).toContain(`Ada ${era}`);
      const thought = {
        thought: era,
        nextThoughtNeeded: false,
        thoughtNumber: 1,
        totalThoughts: 1,
      };
      expect(await call(client, "sequential-thinking.sequentialthinking", thought)).toContain(
        "thoughtHistoryLength",
      );
      expect(await call(client, "everything.get-sum", { a: 2, b: 40 })).toContain("42");
      await client.close();
    });

    it("report progress, note by note, before their answer", async () => {
      const client = await connect();
      const heard: (readonly (number | undefined)[])[] = [];
      const { content } = await client.callTool(
        {
          name: "everything.trigger-long-running-operation",
          arguments: { duration: 0.3, steps: 3 },
        },
        { onprogress: ({ progress, total }) => heard.push([progress, total]) },
      );
      expect(JSON.stringify(content)).toContain("operation completed");
      expect(heard).toEqual([
        [1, 3],
        [2, 3],
        [3, 3],
      ]);
      await client.close();
    });

    it("let a call be cancelled, and go on with the next", async () => {
      const client = await connect();
      const stop = new AbortController();
      const running = client.callTool(
        {
          name: "everything.trigger-long-running-operation",
          arguments: { duration: 60, steps: 600 },
        },
        { signal: stop.signal, onprogress: () => stop.abort() },
      );
      await expect(running).rejects.toThrow(/abort/iu);
      expect(await call(client, "everything.get-sum", { a: 1, b: 1 })).toContain("2");
      await client.close();
    });

    it("show what they add to their lists while they run", async () => {
      const client = await connect();
      const name = `${era}.gz`;
      const before = await client.listResources();
      const linked = await client.callTool({
        name: "everything.gzip-file-as-resource",
        arguments: { name, data: "data:text/plain,hello", outputType: "resourceLink" },
      });
      expect(linked).toMatchObject({
        content: [{ type: "resource_link", uri: expect.stringContaining(name) }],
      });
      // A list may be kept for five seconds; this one is asked for anew.
      const after = await client.listResources({}, { cacheMode: "refresh" });
      expect(after.resources.length).toBe(before.resources.length + 1);
      const added = after.resources.find(({ uri }) => uri.endsWith(name));
      expect(await client.readResource({ uri: added?.uri ?? "" })).toMatchObject({
        contents: [{ mimeType: "application/gzip", blob: expect.any(String) }],
      });
      await client.close();
    });

    it("hand out their prompts and resources", async () => {
      const client = await connect();
      const { prompts } = await client.listPrompts();
      expect(prompts.length).toBeGreaterThan(1);
      const simple = prompts.find(({ arguments: wanted = [] }) => wanted.length === 0);
      const { messages } = await client.getPrompt({ name: simple?.name ?? "" });
      expect(messages.length).toBeGreaterThan(0);
      const { resourceTemplates } = await client.listResourceTemplates();
      const text = resourceTemplates.find(({ uriTemplate }) => uriTemplate.includes("text"));
      const uri = text?.uriTemplate.replace(/\{[^}]*\}/u, "1") ?? "";
      expect(await client.readResource({ uri })).toMatchObject({ contents: [{ uri }] });
      await client.close();
    });
  });
});
