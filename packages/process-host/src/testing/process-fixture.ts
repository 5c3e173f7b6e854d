import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { StartSpec } from "@sigilrt/lifecycle";
import type { HostFixture } from "@sigilrt/lifecycle/testing";
import {
  createProcessHost,
  DOCUMENTED_VARIABLES,
  type ProcessHostOptions,
  unconfinedRunner,
} from "../index.ts";

const root = fileURLToPath(new URL(".", import.meta.url));
const program = fileURLToPath(new URL("fixture-plugin.ts", import.meta.url));
let made = 0;

/** Makes the spec of a fixture plugin that behaves as `mode` says. */
export function fixtureSpec(mode: string, token: string, ...details: readonly string[]): StartSpec {
  return {
    identity: { plugin: mode, version: "1.0.0", digest: "tree1-sha256:00", epoch: 1, slot: 0 },
    adapter: "grpc",
    tier: "process",
    root,
    entry: {
      command: ["node", "--conditions=@sigilrt/source", program, mode, ...details],
    },
    environment: { FIXTURE_TOKEN: token, GREETING: "hello" },
    config: { city: "Bern" },
    secrets: {},
    grants: { allow: [], deny: [], readDeny: [] },
    limits: {
      memoryBytes: 2 ** 30,
      cpu: 1,
      pids: 32,
      maxResultBytes: mode === "flood" ? 65_536 : 2 ** 20,
      startMs: mode === "silent" ? 800 : 20_000,
      callMs: 30_000,
      idleMs: 30_000,
    },
  };
}

/** The attacks that a plugin can make by starting at all. */
const hostileModes: readonly (readonly string[])[] = [
  ["line", "not a handshake"],
  ["line", `1|1|unix|${"x".repeat(20_000)}|grpc`],
  ["line", "1|1|tcp|192.0.2.1:80|grpc"],
  ["line", "1|1|unix|/var/run/other.sock|grpc"],
  ["line", "1|1|unix|SOCKET|grpc||true|extra"],
  ["endless"],
  ["chatter"],
  ["link"],
  ["babble"],
  ["clones"],
  ["unwell"],
];

/** A host over fixture plugins in a temporary folder of its own, which becomes that of this process. */
export async function processFixture(
  options: Partial<ProcessHostOptions> = {},
): Promise<HostFixture & { readonly token: string }> {
  made += 1;
  const token = `token-${process.pid}-${made}`;
  const before = process.env["TMPDIR"];
  const temporary = await mkdtemp(join(tmpdir(), "ph-"));
  process.env["TMPDIR"] = temporary;
  const host = createProcessHost({
    runner: unconfinedRunner(),
    security: { mtls: "off" },
    ...options,
  });
  const quick = (spec: StartSpec): StartSpec => ({
    ...spec,
    limits: { ...spec.limits, startMs: 3000 },
  });
  return {
    host,
    token,
    echo: fixtureSpec("echo", token),
    slow: fixtureSpec("slow", token),
    crash: fixtureSpec("crash", token),
    flood: fixtureSpec("flood", token),
    silent: fixtureSpec("silent", token),
    stubborn: fixtureSpec("stubborn", token),
    hostile: hostileModes.map(([mode = "", ...details]) =>
      quick(fixtureSpec(mode, token, ...details)),
    ),
    channel: fixtureSpec("channel", token),
    provider: fixtureSpec("provider", token),
    documentedVariables: DOCUMENTED_VARIABLES,
    liveProcesses: () => liveProcesses(token),
    leftovers: () => readdir(temporary),
    orphans: () => orphans(token),
    async [Symbol.asyncDispose]() {
      await host.close();
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
      await rm(temporary, { recursive: true });
    },
  };
}

/** Counts the processes with `token` in their environment, and the watchdogs of this process. Zombies do not count. */
async function liveProcesses(token: string): Promise<number> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name));
  const lives = await Promise.all(ids.map((id) => isAlive(id, token)));
  return lives.filter(Boolean).length;
}

async function isAlive(id: string, token: string): Promise<boolean> {
  try {
    const [environ, status, cmdline] = await Promise.all(
      ["environ", "status", "cmdline"].map((file) => readFile(`/proc/${id}/${file}`, "utf8")),
    );
    const watches =
      cmdline?.includes("kill -s KILL") === true &&
      status?.includes(`PPid:\t${process.pid}\n`) === true;
    return (
      (environ?.includes(`FIXTURE_TOKEN=${token}`) === true || watches) &&
      !/^State:\s+Z/mu.test(status ?? "")
    );
  } catch {
    return false;
  }
}

async function orphans(token: string): Promise<number> {
  const script = fileURLToPath(new URL("host-to-kill.ts", import.meta.url));
  const host = spawn(process.execPath, ["--conditions=@sigilrt/source", script, token], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(host.stdout, "data");
  if ((await liveProcesses(token)) < 2) throw new Error("The plugin and its child do not run");
  host.kill("SIGKILL");
  await once(host, "exit");
  const until = Date.now() + 2000;
  let alive = await liveProcesses(token);
  while (alive > 0 && Date.now() < until) {
    // oxlint-disable-next-line no-await-in-loop -- asks again until all are gone or the time is over
    alive = await liveProcesses(token);
  }
  return alive;
}
