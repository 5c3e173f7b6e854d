import type { Readable, Writable } from "node:stream";
import { type Composition, escaped, EXIT, type StdioOwner, type Terminal } from "@sigilrt/cli";
import { createMcpEndpoint, type McpEndpoint } from "@sigilrt/mcp-endpoint";
import { type AdminSocket, openAdminSocket } from "./admin/admin-socket.ts";
import { banner, problems } from "./banner.ts";
import { type Bridge, crossBridge, openBridge } from "./bridge.ts";
import { type Configuration, readConfiguration } from "./configuration.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import { listen } from "./listener.ts";
import { underMission } from "./mission/mission-token.ts";
import { collectMetrics } from "./page/metrics.ts";
import { openPage, type Page, type PageOptions } from "./page/open-page.ts";
import { openPluginSpace, runAsOf } from "./plugin-space.ts";
import { firstOwner, principals } from "./principals.ts";
import type { TokenOwner } from "./tokens.ts";

/** Runs the gateway until SIGINT or SIGTERM; a second one ends it without waiting for calls. */
export const up: Composition["up"] = async ({ config, stdio, json, watch }, terminal) => {
  const configuration = { ...(await readConfiguration(config)), watch };
  return stdio ? upStdio(configuration, stdio, terminal) : upHttp(configuration, json, terminal);
};

async function upHttp(
  configuration: Configuration,
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  const owner = firstOwner(configuration);
  const stopped = stopSignal();
  const { host, port } = configuration.listen;
  const listener = await listen(host, port, configuration.path);
  const metrics = collectMetrics();
  try {
    await using gateway = await openGateway(configuration, (line) => terminal.err(escaped(line)));
    await gateway.tokens.endSessions();
    const token = await gateway.tokens.create(owner, "session");
    const endpoint = endpointOf(gateway, terminal);
    let isReady = true;
    const page = await pageOf(
      gateway,
      configuration,
      { metrics, isReady: () => isReady },
      terminal,
    );
    const bridge = await bridgeOf(gateway, endpoint);
    const admin = await adminOf(gateway, terminal);
    const deaf = reloadOnHangUp(gateway, terminal);
    listener.serve(
      gateway.measures.counted((request, response) => void endpoint.handle(request, response)),
    );
    const link = page ? { page: page.link } : {};
    const facts = { address: `${listener.address}/mcp`, token, owner, ...link };
    if (json) terminal.out(JSON.stringify({ ...facts, problems: problems(gateway) }));
    else for (const line of banner(configuration, gateway, facts)) terminal.out(escaped(line));
    await stopped;
    deaf();
    terminal.err("Stopping: running calls may end, new ones are refused");
    isReady = false;
    listener.serve(undefined);
    await admin.close();
    await bridge.close();
    await endpoint.close();
    await page?.close();
    return EXIT.ok;
  } finally {
    await listener.close();
    await metrics.close();
  }
}

async function upStdio(
  configuration: Configuration,
  owner: StdioOwner,
  terminal: Terminal,
): Promise<number> {
  if (!principals(configuration).find(owner)) throw unknownOwner(owner, configuration);
  const streams = { input: process.stdin, output: process.stdout };
  const { run } = await openPluginSpace(configuration.data, runAsOf(configuration.runAs));
  const end = await crossBridge(run, owner, streams);
  if (end === "unknown_user") throw unknownOwner(owner, configuration);
  return end === "ended" ? EXIT.ok : await serveAlone(configuration, owner, streams, terminal);
}

/** Serves one client with a gateway of its own, which others on the same data folder can join. */
async function serveAlone(
  configuration: Configuration,
  owner: StdioOwner,
  streams: { readonly input: Readable; readonly output: Writable },
  terminal: Terminal,
): Promise<number> {
  const stopped = stopSignal();
  await using gateway = await openGateway(configuration, (line) => terminal.err(escaped(line)));
  const principal = gateway.principals.follow(owner);
  if (!principal) throw unknownOwner(owner, configuration);
  for (const problem of problems(gateway)) terminal.err(escaped(problem));
  const endpoint = endpointOf(gateway, terminal);
  const bridge = await bridgeOf(gateway, endpoint);
  const admin = await adminOf(gateway, terminal);
  const deaf = reloadOnHangUp(gateway, terminal);
  await Promise.race([endpoint.serveStdio(streams, principal), stopped]);
  deaf();
  await admin.close();
  await bridge.close();
  await endpoint.close();
  // A client that keeps our input open must not keep us.
  streams.input.destroy();
  return EXIT.ok;
}

function endpointOf(gateway: Gateway, { err }: Terminal): McpEndpoint {
  return createMcpEndpoint(gateway.manager, {
    hosts: ["127.0.0.1", "localhost", "[::1]"],
    names: (workspace) => gateway.configuration.current.workspaces.get(workspace) ?? {},
    onFault: ({ correlationId, error }) =>
      err(escaped(`fault ${correlationId}: ${error instanceof Error ? error.message : "unknown"}`)),
    tokens: {
      async verify(token) {
        const owner = await gateway.tokens.verify(token);
        if (!owner) gateway.measures.authFailed();
        const principal = owner && gateway.principals.find(owner);
        if (!principal || !owner.mission) return principal;
        return underMission(principal, owner.mission);
      },
    },
  });
}

function bridgeOf(gateway: Gateway, endpoint: McpEndpoint): Promise<Bridge> {
  return openBridge(
    gateway.run,
    (owner) => gateway.principals.find(owner) !== undefined,
    async (owner, streams) => {
      const principal = gateway.principals.follow(owner);
      if (principal) await endpoint.serveStdio(streams, principal);
    },
  );
}

async function pageOf(
  gateway: Gateway,
  configuration: Configuration,
  parts: Pick<PageOptions, "metrics" | "isReady">,
  { err }: Terminal,
): Promise<Page | undefined> {
  if (!configuration.page.enabled) return undefined;
  const fault = (error: unknown): void =>
    err(escaped(`page: ${error instanceof Error ? error.message : "unknown failure"}`));
  return openPage({ gateway, configuration, ...parts, fault });
}

function adminOf({ run, desk }: Gateway, { err }: Terminal): Promise<AdminSocket> {
  return openAdminSocket(run, desk, (error) =>
    err(escaped(`administration: ${error instanceof Error ? error.message : "unknown failure"}`)),
  );
}

/** Takes the configuration over at each SIGHUP; answers how to stop doing so. */
function reloadOnHangUp({ configuration }: Gateway, { err }: Terminal): () => void {
  const reload = (): void =>
    void configuration.reload().then(
      ({ changed }) => err(changed ? "gateway.yaml is taken over" : "gateway.yaml is unchanged"),
      (error: unknown) => err(escaped(error instanceof Error ? error.message : "unknown failure")),
    );
  process.on("SIGHUP", reload);
  return () => void process.off("SIGHUP", reload);
}

const unknownOwner = ({ user, workspace }: TokenOwner, { path }: Configuration): Error =>
  new Error(`Cannot serve ${user} in ${workspace}: ${path} has no such user in that workspace`);

/** Resolves at the first SIGINT or SIGTERM; the second one ends the process. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (): void => {
      if (asked) process.exit(EXIT.undecided);
      asked = true;
      resolve();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}
