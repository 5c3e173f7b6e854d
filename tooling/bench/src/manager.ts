import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type AuditStore, createMemoryAuditStore, Enforcer } from "@sigilrt/enforcer";
import {
  acceptUnverified,
  digestTree,
  type PluginStore,
  type StoredTree,
} from "@sigilrt/integrity";
import { acceptDeclared, type ConsentStore, PluginManager } from "@sigilrt/manager";
import { parseManifest } from "@sigilrt/manifest";
import { openBenchStore } from "./bench-store.ts";
import type { CallCase, OpenCalls } from "./call-ratio.ts";
import { openContainedEcho } from "./contained-echo.ts";

const principal = {
  workspace: "home",
  user: "ada",
  workspaceAllow: ["tool.*"],
  permissions: ["tool.*"],
};
const args = { text: "x".repeat(100) };

async function openCall(durable: boolean): Promise<OpenCalls> {
  const echo = await openContainedEcho();
  const disk = durable ? await openBenchStore() : undefined;
  const audit: AuditStore = disk?.store ?? createMemoryAuditStore({ maxRecords: 10_000_000 });
  const manager = new PluginManager({
    directories: [join(echo.home, "plugins")],
    hosts: { "mcp-stdio": echo.host },
    verifier: acceptUnverified(),
    consent: acceptDeclared(),
    enforcer: new Enforcer(audit, Date),
    audit,
    engine: "0.1.0",
  });
  await manager.discover();
  await manager.start("echo");
  const running = echo.running();
  const { signal } = new AbortController();
  let calls = 0;
  return {
    async ours() {
      const outcome = await manager.call({
        plugin: "echo",
        tool: "echo",
        arguments: args,
        principal,
      });
      if (outcome.kind !== "completed") throw new Error(`Cannot measure: ${outcome.kind}`);
      return outcome.content;
    },
    async peer() {
      calls += 1;
      const request = { tool: "echo", arguments: args, requestId: `${calls}`, principal };
      const content = [];
      for await (const chunk of running.call(request, {
        signal,
        deadlineAt: Date.now() + 60_000,
      })) {
        if (chunk.kind === "content") content.push(chunk.content);
      }
      return content;
    },
    async [Symbol.asyncDispose]() {
      await manager.close();
      await disk?.close();
      await echo.close();
    },
  };
}

const manifestOf = (name: string): string => `name: ${name}
version: 1.0.0
type: tool
description: One of many
license: Apache-2.0
capabilities:
  - pattern: kv.${name}.read
    description: Remembers what was said
execution: { tier: process }
entry: { command: [node, main.js] }
`;

/** Trees that were digested before, so that what is measured is the rest. */
async function digested(directory: string): Promise<PluginStore> {
  const trees = new Map<string, StoredTree>();
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    // oxlint-disable-next-line no-await-in-loop -- before anything is measured
    const tree = await digestTree(path);
    if (!tree.ok) throw new Error(`Cannot measure: ${path} is refused`);
    trees.set(name, { ok: true, digest: tree.digest, path, fileList: "" });
  }
  const treeOf = (path: string): StoredTree => {
    const tree = trees.get(basename(path));
    if (!tree) throw new Error(`Cannot measure: no tree of ${path}`);
    return tree;
  };
  return {
    admit: (root) => Promise.resolve(treeOf(root)),
    open: (digest) => Promise.reject(new Error(`Cannot measure: ${digest} is not to be started`)),
    makeExecutable: () => Promise.resolve(),
  };
}

interface Many extends AsyncDisposable {
  readonly directory: string;
  manager(consent?: ConsentStore): PluginManager;
}

async function openMany(count: number): Promise<Many> {
  const directory = await mkdtemp(join(tmpdir(), "bench-"));
  const names = Array.from({ length: count }, (_, index) => `plugin-${index}`);
  for (const name of names) {
    // oxlint-disable-next-line no-await-in-loop -- before anything is measured
    await mkdir(join(directory, name));
    // oxlint-disable-next-line no-await-in-loop -- as above
    await writeFile(join(directory, name, "plugin.yaml"), manifestOf(name));
  }
  const store = await digested(directory);
  return {
    directory,
    manager(consent = acceptDeclared()) {
      const audit = createMemoryAuditStore({ maxRecords: 1_000_000 });
      return new PluginManager({
        directories: [directory],
        hosts: {},
        verifier: acceptUnverified(),
        consent,
        enforcer: new Enforcer(audit, Date),
        audit,
        engine: "0.1.0",
        store,
      });
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

async function openDiscovery(): Promise<OpenCalls> {
  const many = await openMany(1_000);
  return {
    async ours() {
      const manager = many.manager();
      const { admitted } = await manager.discover();
      return admitted.length;
    },
    async peer() {
      let parsed = 0;
      for (const name of await readdir(many.directory)) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other, as ours
        const text = await readFile(join(many.directory, name, "plugin.yaml"));
        if (parseManifest(text).name === name) parsed += 1;
      }
      return parsed;
    },
    [Symbol.asyncDispose]: () => many[Symbol.asyncDispose](),
  };
}

/** One approved tool each. */
const pinned: ConsentStore = {
  find: (_plugin, _digest, { requested }) =>
    Promise.resolve({
      userId: "ada",
      capabilities: requested,
      surface: {
        capabilities: requested,
        hooks: [],
        tools: [{ name: "echo", description: "Echoes", inputSchema: { type: "object" } }],
      },
    }),
};

async function openList(count: (manager: PluginManager) => number): Promise<OpenCalls> {
  const [many, few] = [await openMany(1_000), await openMany(10)];
  const [large, small] = [many.manager(pinned), few.manager(pinned)];
  await Promise.all([large.discover(), small.discover()]);
  return {
    ours: () => Promise.resolve(count(large)),
    peer: () => {
      let listed = 0;
      while (listed < 1_000) listed += count(small);
      return Promise.resolve(listed);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([many, few].map((folder) => folder[Symbol.asyncDispose]()));
    },
  };
}

// lifecycle-and-manager.md section 12.
export const managerCases: readonly CallCase[] = [
  {
    name: "manager: call of a contained echo, audit in memory, 1 in flight, against the host's own call",
    maxRatio: 1.15,
    calls: 1_000,
    rounds: 21,
    open: () => openCall(false),
  },
  {
    name: "manager: call of a contained echo, durable audit, 64 in flight, against the host's own call",
    maxRatio: 1.3,
    calls: 4_000,
    inFlight: 64,
    open: () => openCall(true),
  },
  {
    name: "manager: discovering 1,000 plugins, digests apart, against parsing their manifests",
    maxRatio: 2,
    calls: 1,
    rounds: 11,
    open: openDiscovery,
  },
  {
    name: "manager: list() of 1,000 plugins, against 100 times that of 10",
    maxRatio: 2,
    calls: 20,
    rounds: 21,
    open: () => openList((manager) => manager.list().length),
  },
  {
    name: "manager: visibleTools() of 1,000 plugins, against 100 times that of 10",
    maxRatio: 2,
    calls: 5,
    rounds: 21,
    open: () => openList((manager) => manager.visibleTools(principal).tools.length),
  },
];
