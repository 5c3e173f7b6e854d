import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, credentials } from "@grpc/grpc-js";
import { openGrpcChannel } from "@sigilrt/protocol/node";
import type { CallCase, OpenCalls } from "./call-ratio.ts";
import { echoMethod } from "./fixtures/echo-method.ts";

const same = (bytes: Buffer): Buffer => bytes;

async function serving(program: string, socket: string): Promise<() => void> {
  const path = fileURLToPath(new URL(`fixtures/${program}`, import.meta.url));
  const server = spawn(process.execPath, ["--conditions=@sigilrt/source", path, socket], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(server.stdout, "data");
  return () => server.kill("SIGKILL");
}

async function open(): Promise<OpenCalls> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  const [own, other] = [join(folder, "own.sock"), join(folder, "other.sock")];
  const stops = await Promise.all([
    serving("echo-engine.ts", own),
    serving("echo-server.ts", other),
  ]);
  const channel = await openGrpcChannel(async () => {
    const socket = connect(own);
    await once(socket, "connect");
    return socket;
  });
  const client = new Client(`unix:${other}`, credentials.createInsecure());
  const message = Buffer.alloc(100, "x");
  return {
    async ours() {
      const answer = await channel.unary(echoMethod, message, { timeoutMs: 10_000 });
      return answer.byteLength;
    },
    peer: () =>
      new Promise((resolve, reject) => {
        const deadline = Date.now() + 10_000;
        client.makeUnaryRequest(
          echoMethod.path,
          same,
          same,
          message,
          { deadline },
          (error, answer) => (error ? reject(error) : resolve(answer?.byteLength)),
        );
      }),
    async [Symbol.asyncDispose]() {
      client.close();
      await channel.close();
      for (const stop of stops) stop();
      await rm(folder, { recursive: true });
    },
  };
}

// process-host.md section 10, as time of a call: 1.2 times the calls of grpc-js with one in flight, 1.3 times with 64.
export const engineCallCases: readonly CallCase[] = [
  {
    name: "protocol: gRPC engine, unary echo, 100 B, 1 in flight, against grpc-js at both ends",
    maxRatio: 1 / 1.2,
    calls: 1_000,
    open,
  },
  {
    name: "protocol: gRPC engine, unary echo, 100 B, 64 in flight, against grpc-js at both ends",
    maxRatio: 1 / 1.3,
    calls: 4_000,
    inFlight: 64,
    open,
  },
];
