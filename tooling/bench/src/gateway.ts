import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { CallCase, OpenCalls } from "./call-ratio.ts";

const gatewayHome = fileURLToPath(new URL("../../../apps/gateway/", import.meta.url));
const peerProgram = fileURLToPath(new URL("fixtures/mcp-server.ts", import.meta.url));

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("Cannot read what the server prints");
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return String(line);
}

/** A call over plain HTTP with connections that stay, without what a client library adds. */
function callerOf(url: string, token: string | undefined, name: string, args: object) {
  const agent = new Agent({ keepAlive: true });
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name, arguments: args },
  });
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2025-11-25",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return {
    agent,
    async call(): Promise<unknown> {
      const sent = request(url, { method: "POST", agent, headers });
      sent.end(body);
      const [response] = await once(sent, "response");
      const answer = await text(response);
      const data = /^data: (?<json>.*)$/mu.exec(answer)?.groups?.["json"] ?? answer;
      const { result } = JSON.parse(data);
      if (result?.structuredContent === undefined) throw new Error(`Cannot measure: ${answer}`);
      return result.structuredContent;
    },
  };
}

async function open(name: string, args: object): Promise<OpenCalls> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), "bench-"));
  await chmod(folder, 0o711);
  const config = join(folder, "gateway.yaml");
  const plugins = ["text", "notes"];
  await writeFile(
    config,
    JSON.stringify({
      data: "data",
      lock: join(gatewayHome, "plugins/plugins.lock"),
      consents: join(gatewayHome, "plugins/consents.json"),
      plugins: Object.fromEntries(
        plugins.map((plugin) => [plugin, { path: join(gatewayHome, "plugins", plugin) }]),
      ),
      workspaces: { home: { allow: ["tool.*"] } },
      users: { ada: { permissions: ["tool.*"], workspaces: ["home"] } },
      limits: { rate: { user: 1_000_000 }, concurrency: { user: 100_000 } },
      sandbox: { run_as: { uid: 65_534, gid: 65_534 } },
    }),
  );
  const up = ["up", "--json", "--config", config];
  const gateway = spawn(join(gatewayHome, "bin/sigil"), up, {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const { address, token } = JSON.parse(await firstLine(gateway));
  const peer = spawn(process.execPath, [peerProgram], { stdio: ["ignore", "pipe", "inherit"] });
  const ours = callerOf(address, token, name, args);
  const theirs = callerOf(`http://127.0.0.1:${await firstLine(peer)}/mcp`, undefined, name, args);
  return {
    ours: () => ours.call(),
    peer: () => theirs.call(),
    async [Symbol.asyncDispose]() {
      ours.agent.destroy();
      theirs.agent.destroy();
      peer.kill("SIGKILL");
      gateway.kill("SIGTERM");
      await once(gateway, "exit");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const text100 = { text: "ten words of text that make up a hundred ".repeat(3).slice(0, 100) };
const peerName = "against an SDK 2.4.0 server over HTTP with the tool in process";

// gateway.md section 16; audit level `group`.
export const gatewayCases: readonly CallCase[] = [
  {
    name: `gateway: call of a WebAssembly tool, 1 in flight, ${peerName}`,
    maxRatio: 2.5,
    open: () => open("text.count", text100),
  },
  {
    name: `gateway: call of a contained program's tool, 1 in flight, ${peerName}`,
    maxRatio: 2.5,
    open: () => open("notes.list", {}),
  },
  {
    name: `gateway: call of a WebAssembly tool, 32 in flight, ${peerName}`,
    maxRatio: 2,
    inFlight: 32,
    calls: 1_000,
    open: () => open("text.count", text100),
  },
];
