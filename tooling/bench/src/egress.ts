import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { compilePolicy, createEgressProxy, createSandbox, type Policy } from "@sigilrt/sandbox";
import type { CallCase, OpenCalls } from "./call-ratio.ts";

const streamBytes = 64 * 1_048_576;

function policyFor(code: string, destination: string): Policy {
  return compilePolicy({
    plugin: "bench",
    grants: [`net.connect.${destination}`],
    code,
    command: ["node", "/plugin/main.mjs"],
    limits: {
      memoryBytes: 268_435_456,
      pids: 64,
      cpuCores: 1,
      openFiles: 256,
      fileBytes: 1_048_576,
      tmpBytes: 1_048_576,
    },
    platform: "linux",
  });
}

async function openStarts(): Promise<OpenCalls> {
  const root = await mkdtemp(join(await realpath(tmpdir()), "bench-"));
  await chmod(root, 0o711);
  const code = join(root, "code");
  await mkdir(code, { mode: 0o755 });
  const main = join(code, "main.mjs");
  await writeFile(main, 'console.log("up");\n');
  const sandbox = await createSandbox({
    runtimeDirectory: join(root, "run"),
    onViolation: async () => undefined,
    onEgress: async () => undefined,
    ...(process.getuid?.() === 0 ? { runAs: { uid: 65_534, gid: 65_534 } } : {}),
  });
  const policy = policyFor(code, "api.example.org:443");
  return {
    async ours() {
      const plugin = await sandbox.launch(policy);
      const [said] = await Promise.all([text(plugin.stdout), plugin.exited]);
      return said;
    },
    async peer() {
      const child = spawn(process.execPath, [main], { env: {}, stdio: ["pipe", "pipe", "pipe"] });
      const [said] = await Promise.all([text(child.stdout), once(child, "exit")]);
      return said;
    },
    async [Symbol.asyncDispose]() {
      await sandbox.close();
      await rm(root, { recursive: true });
    },
  };
}

/** Reads one stream to its end; answers whether all of it came. */
async function hasAll(socket: Socket): Promise<boolean> {
  let bytes = 0;
  socket.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await once(socket, "end");
  socket.destroy();
  // The answer to CONNECT stands before it.
  return bytes >= streamBytes;
}

async function openStreams(): Promise<OpenCalls> {
  const chunk = Buffer.alloc(65_536);
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    let left = streamBytes;
    const send = (): void => {
      for (; left > 0;) {
        left -= chunk.length;
        if (!socket.write(chunk)) return void socket.once("drain", send);
      }
      socket.end();
    };
    send();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const at = server.address();
  if (at === null || typeof at === "string") throw new Error("Cannot measure: no port");
  const { port } = at;
  const directory = await mkdtemp(join(tmpdir(), "bench-"));
  const proxy = await createEgressProxy({
    policy: policyFor("/srv/code", `127.0.0.1:${port}`),
    directory,
    onEgress: async () => undefined,
    onViolation: async () => undefined,
  });
  return {
    async ours() {
      const socket = connect(proxy.socket);
      socket.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\n\r\n`);
      return hasAll(socket);
    },
    peer: () => hasAll(connect(port, "127.0.0.1")),
    async [Symbol.asyncDispose]() {
      await proxy.close();
      server.close();
      await rm(directory, { recursive: true });
    },
  };
}

// sandbox.md section 13; throughput of at least half is twice the time at most. The bare start lacks the variables of the proxy:
// Node itself takes as long again to prepare for one as it takes to start.
export const egressCases: readonly CallCase[] = [
  {
    name: "sandbox: start to end of a Node plugin behind the relay, against a bare start",
    maxRatio: 2.8,
    calls: 5,
    open: openStarts,
  },
  {
    name: "sandbox: 64 MiB in one stream through the proxy, against direct loopback",
    maxRatio: 2,
    calls: 3,
    open: openStreams,
  },
];
