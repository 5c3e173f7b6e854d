import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { handshakeConfig } from "@sigilrt/process-host";
import type { CallCase, OpenCalls } from "./call-ratio.ts";

const { magicCookieKey, magicCookieValue } = handshakeConfig();

/** Starts a plugin of the SDK, as an author bundles it, until its handshake line; and a Node that does nothing. */
async function openSdkStart(): Promise<OpenCalls> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  const bundle = join(folder, "plugin.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("fixtures/echo-plugin.ts", import.meta.url))],
    bundle: true,
    conditions: ["@sigilrt/source"],
    format: "esm",
    platform: "node",
    outfile: bundle,
    logLevel: "silent",
  });
  const env = {
    [magicCookieKey]: magicCookieValue,
    PLUGIN_UNIX_SOCKET_DIR: folder,
  };
  return {
    async ours() {
      const child = spawn(process.execPath, [bundle], { env, stdio: ["ignore", "pipe", "ignore"] });
      const exited = once(child, "exit");
      await once(child.stdout, "data");
      child.kill("SIGKILL");
      await exited;
      return "started";
    },
    async peer() {
      await once(spawn(process.execPath, ["-e", "0"], { env, stdio: "ignore" }), "exit");
      return "started";
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

// process-host.md section 10.
export const processStartCases: readonly CallCase[] = [
  {
    name: "process-host: start of a bundled SDK plugin to its handshake line, against node -e 0",
    maxRatio: 1.5,
    calls: 10,
    open: openSdkStart,
  },
];
