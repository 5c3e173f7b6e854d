import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryAuditStore, Enforcer } from "@sigilrt/enforcer";
import { acceptUnverified } from "@sigilrt/integrity";
import type { ExitReport, PluginHost, RunningPlugin } from "@sigilrt/lifecycle";
import { acceptDeclared, PluginManager } from "@sigilrt/manager";

// A host of your own: this one serves a tool without starting anything. Real ones are process-host and wasm-host.
const report: ExitReport = { cause: "requested", callsInFlight: 0, stderrTail: "" };
const greeter = (): RunningPlugin => {
  const ended = Promise.withResolvers<ExitReport>();
  const close = (): Promise<ExitReport> => {
    ended.resolve(report);
    return ended.promise;
  };
  return {
    exited: ended.promise,
    describe: async () => ({
      tools: [{ name: "greet", description: "Greets", inputSchema: { type: "object" } }],
    }),
    async *call({ arguments: { name } }) {
      yield { kind: "content", content: { kind: "text", text: `Hello, ${JSON.stringify(name)}` } };
      yield { kind: "result", isError: false };
    },
    open: () => Promise.reject(new Error("serves tools alone")),
    health: async () => ({ status: "healthy", message: "" }),
    close,
    [Symbol.asyncDispose]: async () => void (await close()),
  };
};
const host: PluginHost = {
  adapters: ["grpc"],
  start: async () => greeter(),
  close: async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
};

const folder = await mkdtemp(join(tmpdir(), "compose-"));
await mkdir(join(folder, "greeter"));
await writeFile(
  join(folder, "greeter/plugin.yaml"),
  `name: greeter
version: 1.0.0
type: tool
execution: { tier: process }
entry: { command: [node, main.js] }
`,
);

const audit = createMemoryAuditStore({ maxRecords: 1_000 });
const manager = new PluginManager({
  directories: [folder],
  hosts: { grpc: host },
  verifier: acceptUnverified(), // a gateway passes treeDigestVerifier() and a lockPath
  consent: acceptDeclared(), // a gateway passes its records of consent
  enforcer: new Enforcer(audit, Date),
  audit,
  engine: "0.1.0",
});
const { admitted } = await manager.discover();
console.log(admitted.map(({ plugin, version }) => `${plugin} ${version}`));

const principal = { workspace: "home", user: "ada", workspaceAllow: ["tool.*"] };
for (const permissions of [["tool.greeter.greet"], []]) {
  const outcome = await manager.call({
    plugin: "greeter",
    tool: "greet",
    arguments: { name: "Ada" },
    principal: { ...principal, permissions },
  });
  console.log(outcome.kind, outcome.kind === "completed" ? outcome.content : "");
}
const { records } = await audit.query({ plugin: "greeter" });
console.log(records.map(({ action, result }) => `${action} ${result}`).toReversed());
await manager.close();
await rm(folder, { recursive: true });
