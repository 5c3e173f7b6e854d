import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { buildGoPeers } from "@sigilrt/conformance/go-peers";
import { createProcessHost, unconfinedRunner } from "@sigilrt/process-host";
import type { CallCase, OpenCalls } from "./call-ratio.ts";

const program = fileURLToPath(new URL("fixtures/echo-plugin.ts", import.meta.url));
const text = "x".repeat(100);
const given = JSON.stringify({ text });
const principal = { workspace: "home", user: "ada" };
/** Calls that the Go host makes when it is asked once, so that asking it costs nothing. */
const BATCH = 500;

/** Our host with a plugin of our SDK, and a Go host with a Go plugin: each makes a batch of calls, and counts it as one. */
const openEchoes = (inFlight: number) => async (): Promise<OpenCalls> => {
  const peers = await buildGoPeers();
  const goHost = await peers.openHost({ command: [`${peers.folder}/plugin`], mtls: false });
  const host = createProcessHost({ runner: unconfinedRunner(), security: { mtls: "off" } });
  const plugin = await host.launch({
    path: process.execPath,
    args: ["--conditions=@sigilrt/source", program],
  });
  const { signal } = new AbortController();
  const echo = async (): Promise<void> => {
    let answer = "";
    const call = { tool: "echo", arguments: { text }, requestId: "1", principal };
    for await (const chunk of plugin.call(call, { signal, deadlineAt: Date.now() + 20_000 })) {
      if (chunk.kind === "content" && chunk.content.kind === "text") answer += chunk.content.text;
    }
    if (answer !== text) throw new Error(`Cannot compare: no echo, but ${answer}`);
  };
  return {
    async ours() {
      let left = BATCH;
      const caller = async (): Promise<void> => {
        // oxlint-disable-next-line no-await-in-loop -- one call after the other is what is measured
        for (; left > 0;) await ((left -= 1), echo());
      };
      await Promise.all(Array.from({ length: inFlight }, caller));
      return BATCH;
    },
    async peer() {
      await goHost.batch({ calls: BATCH, inFlight, arguments: given });
      return BATCH;
    },
    async [Symbol.asyncDispose]() {
      await goHost[Symbol.asyncDispose]();
      await host.close();
      await peers[Symbol.asyncDispose]();
    },
  };
};

const openStarts = (mtls: boolean) => async (): Promise<OpenCalls> => {
  const peers = await buildGoPeers();
  const path = `${peers.folder}/plugin`;
  const goHost = await peers.openHost({ command: [path], mtls });
  const host = createProcessHost({
    runner: unconfinedRunner(),
    security: { mtls: mtls ? "required" : "off" },
  });
  return {
    async ours() {
      const plugin = await host.launch({ path, environment: { set: peers.environment } });
      await plugin.ping();
      await plugin.close();
      return "started";
    },
    async peer() {
      await goHost.batch({ launches: 1 });
      return "started";
    },
    async [Symbol.asyncDispose]() {
      await goHost[Symbol.asyncDispose]();
      await host.close();
      await peers[Symbol.asyncDispose]();
    },
  };
};

// process-host.md section 10: the first two have no target there.
const wanted: readonly CallCase[] = [
  {
    name: `process-host: ${BATCH} tool calls of an SDK plugin by the lane, 100 B, 1 in flight, against go-plugin in Go at both ends`,
    maxRatio: 1,
    calls: 1,
    open: openEchoes(1),
  },
  {
    name: `process-host: ${BATCH} tool calls of an SDK plugin by the lane, 100 B, 64 in flight, against go-plugin in Go at both ends`,
    maxRatio: 1,
    calls: 1,
    open: openEchoes(64),
  },
  {
    name: "process-host: a Go plugin from its launch to an answer, and its stop, against a Go host",
    maxRatio: 1.5,
    calls: 5,
    open: openStarts(false),
  },
  {
    name: "process-host: a Go plugin with AutoMTLS from its launch to an answer, and its stop, against a Go host",
    maxRatio: 1.5,
    calls: 5,
    open: openStarts(true),
  },
];

/** Left out where Go is not installed. */
export const goHostCases: readonly CallCase[] =
  spawnSync("go", ["version"]).status === 0 ? wanted : [];
