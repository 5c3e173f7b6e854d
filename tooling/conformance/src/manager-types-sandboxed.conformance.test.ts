import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createMemoryAuditStore, Enforcer } from "@sigilrt/enforcer";
import { acceptUnverified, openPluginStore } from "@sigilrt/integrity";
import { acceptDeclared, PluginManager } from "@sigilrt/manager";
import { createProcessHost } from "@sigilrt/process-host";
import { describeWith } from "@sigilrt/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type ContainedPrograms, containedPrograms } from "./contained-programs.ts";
import { askVersion, everybody, hasTools, livingWith, type Type } from "./each-type.ts";

let programs: ContainedPrograms;
let home: string;
beforeEach(async () => {
  programs = await containedPrograms();
  ({ home } = programs);
});
afterEach(() => programs[Symbol.asyncDispose]());

/** Lays plugin `demo` out as one file, since nothing outside of its tree is there for it. */
async function lay(type: Type): Promise<(version: string) => Promise<void>> {
  const folder = join(home, "plugins/demo");
  const program = hasTools(type) ? "versioned-plugin.ts" : "service-plugin.ts";
  const source = fileURLToPath(new URL(`../fixtures/manager/${program}`, import.meta.url));
  await programs.bundle(source, folder);
  return (version) => {
    const args = [...(hasTools(type) ? [] : [type]), version, `/tmp/${basename(home)}`].join(", ");
    return writeFile(
      join(folder, "plugin.yaml"),
      `name: demo
version: ${version}
type: ${type}
execution: { tier: process }
entry: { command: [node, main.mjs, ${args}] }
lifecycle: { scope: shared, hot_reload: true, graceful_shutdown_timeout: 30s }
resources: { timeouts: { start: 30s, call: 60s, idle: 60s } }
`,
    );
  };
}

/** Programs of the plugin: its arguments name a file of its own. */
const living = (): number => livingWith(basename(home));

describeWith(["bwrap", "prlimit"], "in the sandbox", () => {
  it.each(["tool", "skill", "channel", "provider"] as const)(
    "a %s is discovered, decided, called and reloaded, and leaves nothing",
    async (type) => {
      const version = await lay(type);
      await version("1.0.0");
      const audit = createMemoryAuditStore({ maxRecords: 10_000 });
      const manager = new PluginManager({
        directories: [join(home, "plugins")],
        hosts: { grpc: createProcessHost({ runner: programs.runner, security: { mtls: "off" } }) },
        verifier: acceptUnverified(),
        consent: acceptDeclared(),
        store: await openPluginStore(join(home, "store")),
        enforcer: new Enforcer(audit, Date),
        audit,
        engine: "0.1.0",
      });
      const ask = askVersion[type];
      expect((await manager.discover()).admitted).toMatchObject([{ plugin: "demo" }]);
      await expect(ask(manager, { ...everybody, permissions: [] })).rejects.toThrow(/denied/u);
      expect((await audit.query({ plugin: "demo", result: "denied" })).records).toHaveLength(1);
      expect(living()).toBe(0);

      expect(await ask(manager, everybody)).toBe("1.0.0");
      expect(living()).toBeGreaterThan(0);
      await version("2.0.0");
      expect(await manager.reload("demo")).toMatchObject({ kind: "replaced", version: "2.0.0" });
      expect(await ask(manager, everybody)).toBe("2.0.0");

      await manager.close();
      expect(living()).toBe(0);
      expect(programs.violations.filter((kind) => kind !== "descriptor_covered")).toEqual([]);
    },
  );
});
