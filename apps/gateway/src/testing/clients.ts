import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { sigil } from "./start-gateway.ts";

/** How the official client speaks: the revision of the protocol it insists on. */
export type Era = "2026-07-28" | "2025-11-25";

const clientOf = (era: Era): Client =>
  new Client(
    { name: "test", version: "1.0.0" },
    { versionNegotiation: { mode: era === "2026-07-28" ? { pin: era } : "legacy" } },
  );

/** The official client over HTTP. */
export async function httpClient(address: string, token: string, era: Era): Promise<Client> {
  const client = clientOf(era);
  await client.connect(
    new StreamableHTTPClientTransport(new URL(address), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  );
  return client;
}

/** The official client over standard streams, on the command of the checkout. */
export async function stdioClient(
  config: string,
  { user, workspace }: { readonly user: string; readonly workspace: string },
  era: Era,
): Promise<Client> {
  const client = clientOf(era);
  const args = ["up", "--stdio", "--config", config, "--user", user, "--workspace", workspace];
  await client.connect(new StdioClientTransport({ command: sigil, args, stderr: "ignore" }));
  return client;
}

/** The official client on a program that nothing contains. */
export async function plainClient(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Client> {
  const client = clientOf("2025-11-25");
  await client.connect(
    new StdioClientTransport({ command, args: [...args], env: { ...env }, stderr: "ignore" }),
  );
  return client;
}

/** What a tool answered, as text. */
export async function textOf(
  client: Client,
  name: string,
  args: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { content, structuredContent, isError } = await client.callTool({ name, arguments: args });
  const texts = content.map((part) => (part.type === "text" ? part.text : part.type));
  const structured = structuredContent === undefined ? "" : JSON.stringify(structuredContent);
  return `${isError === true ? "ERROR " : ""}${texts.join("\n") || structured}`;
}
