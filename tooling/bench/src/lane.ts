import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { Client, credentials } from "@grpc/grpc-js";
import { LANE_TERMS, openLane } from "@sigilrt/protocol/node";
import type { CallCase, OpenCalls } from "./call-ratio.ts";
import { echoMethod } from "./fixtures/echo-method.ts";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const same = (bytes: Buffer): Buffer => bytes;

async function open(): Promise<OpenCalls> {
  const plugin = spawn(
    process.execPath,
    ["--conditions=@sigilrt/source", fixture("echo-lane.ts")],
    {
      stdio: ["ignore", "pipe", "inherit", "pipe"],
    },
  );
  const [, stdout, , link] = plugin.stdio;
  if (!stdout || !(link instanceof Duplex)) throw new Error("Cannot share descriptor 3");
  await once(stdout, "data");
  const { path } = echoMethod;
  const lane = openLane(link, { role: "host", methods: [path], routes: [], peer: LANE_TERMS });
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  const socket = join(folder, "echo.sock");
  const server = spawn(process.execPath, [fixture("echo-server.ts"), socket], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(server.stdout, "data");
  const client = new Client(`unix:${socket}`, credentials.createInsecure());
  const message = Buffer.alloc(100, "x");
  return {
    async ours() {
      const answer = await lane.unary(echoMethod, message, { timeoutMs: 10_000 });
      return answer.byteLength;
    },
    peer: () =>
      new Promise((resolve, reject) => {
        const deadline = Date.now() + 10_000;
        client.makeUnaryRequest(path, same, same, message, { deadline }, (error, answer) =>
          error ? reject(error) : resolve(answer?.byteLength),
        );
      }),
    async [Symbol.asyncDispose]() {
      client.close();
      server.kill("SIGKILL");
      await lane.close();
      plugin.kill("SIGKILL");
      await rm(folder, { recursive: true });
    },
  };
}

// process-host.md section 10, as time of a call: 5 times the calls of grpc-js with one in flight, 10 times with 64.
export const laneCases: readonly CallCase[] = [
  {
    name: "lane: unary echo, 100 B, 1 in flight, against grpc-js at both ends",
    maxRatio: 1 / 5,
    calls: 2_000,
    open,
  },
  {
    name: "lane: unary echo, 100 B, 64 in flight, against grpc-js at both ends",
    maxRatio: 1 / 10,
    calls: 20_000,
    inFlight: 64,
    open,
  },
];
