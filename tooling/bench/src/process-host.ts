import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, credentials } from "@grpc/grpc-js";
import { createProcessHost, unconfinedRunner } from "@sigilrt/process-host";
import type { CallCase, OpenCalls } from "./call-ratio.ts";

const text = "x".repeat(100);
const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

async function open(): Promise<OpenCalls> {
  const host = createProcessHost({ runner: unconfinedRunner(), security: { mtls: "off" } });
  const plugin = await host.launch({
    path: process.execPath,
    args: ["--conditions=@sigilrt/source", fixture("echo-plugin.ts")],
  });
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  const socket = join(folder, "echo.sock");
  const server = spawn(process.execPath, [fixture("echo-server.ts"), socket], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(server.stdout, "data");
  const client = new Client(`unix:${socket}`, credentials.createInsecure());
  const principal = { workspace: "home", user: "ada" };
  const { signal } = new AbortController();
  return {
    async ours() {
      const call = { tool: "echo", arguments: { text }, requestId: "1", principal };
      let answer = "";
      for await (const chunk of plugin.call(call, { signal, deadlineAt: Date.now() + 10_000 })) {
        if (chunk.kind === "content" && chunk.content.kind === "text") answer += chunk.content.text;
      }
      return answer;
    },
    async peer() {
      const call = client.makeServerStreamRequest(
        "/bench.Echo/Execute",
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        Buffer.from(JSON.stringify({ text })),
        { deadline: Date.now() + 10_000 },
      );
      let answer = "";
      for await (const chunk of call) answer += JSON.parse(String(chunk)).text;
      return answer;
    },
    async [Symbol.asyncDispose]() {
      client.close();
      server.kill("SIGKILL");
      await host.close();
      await rm(folder, { recursive: true });
    },
  };
}

// process-host.md section 10, as time of a call: 1.2 times the calls of grpc-js with one in flight, 1.3 times with 64.
export const processHostCases: readonly CallCase[] = [
  {
    name: "process-host: tool call of an SDK plugin, 100 B, 1 in flight, against grpc-js at both ends",
    maxRatio: 1 / 1.2,
    calls: 500,
    open,
  },
  {
    name: "process-host: tool call of an SDK plugin, 100 B, 64 in flight, against grpc-js at both ends",
    maxRatio: 1 / 1.3,
    calls: 2_000,
    inFlight: 64,
    open,
  },
];
