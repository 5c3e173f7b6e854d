import { acceptUnverified, digestTree } from "@sigilrt/integrity";
import { acceptDeclared, type ConsentStore, type PluginManager } from "@sigilrt/manager";
import { join } from "node:path";
import { expect, it } from "vitest";
import { calling, manifestOf, openWorkbench } from "./fixtures/workbench.ts";

const manifest = (version: string): string =>
  manifestOf("demo", "lifecycle: { scope: shared, hot_reload: true }\n").replace("1.0.0", version);

const versionOf = async (manager: PluginManager): Promise<unknown> => {
  const outcome = await manager.call(calling("demo"));
  return outcome.kind === "completed" ? outcome.meta.version : outcome;
};

it("publishes the version before the present one again, and forth", async () => {
  await using bench = openWorkbench();
  const manager = bench.manager({ verifier: acceptUnverified() });
  bench.plugin("demo", manifest("1.0.0"));
  await manager.discover();
  const { digest } = manager.get("demo");
  bench.plugin("demo", manifest("2.0.0"));
  await manager.reload("demo");
  expect(await manager.rollback("demo")).toMatchObject({
    kind: "replaced",
    to: digest,
    version: "1.0.0",
    generation: 3,
  });
  expect(await versionOf(manager)).toBe("1.0.0");
  expect(await manager.rollback("demo")).toMatchObject({ version: "2.0.0" });
  expect(await versionOf(manager)).toBe("2.0.0");
  expect(bench.host.running).toHaveLength(1);
});

it("rolls back what a look at the folders replaced", async () => {
  await using bench = openWorkbench();
  const manager = bench.manager({ verifier: acceptUnverified() });
  bench.plugin("demo", manifest("1.0.0"));
  await manager.discover();
  bench.plugin("demo", manifest("2.0.0"));
  await manager.discover();
  expect(await manager.rollback("demo")).toMatchObject({ version: "1.0.0" });
});

it("has nothing to go back to at first", async () => {
  await using bench = openWorkbench();
  const manager = bench.manager({ verifier: acceptUnverified() });
  bench.plugin("demo", manifest("1.0.0"));
  await manager.discover();
  expect(await manager.rollback("demo")).toMatchObject({
    kind: "refused",
    refusal: { code: "PLUGIN_NOT_FOUND" },
    previous: "kept",
  });
  await expect(manager.rollback("ghost")).rejects.toThrow(
    expect.objectContaining({ code: "PLUGIN_NOT_FOUND" }),
  );
});

it("is refused by a lock that names the newer version alone, and says which bytes to lock", async () => {
  await using bench = openWorkbench();
  bench.plugin("demo", manifest("1.0.0"));
  const dir = join(bench.folder, "plugins/demo");
  const first = await digestTree(dir);
  const lockPath = await bench.lock();
  const manager = bench.manager({ lockPath });
  await manager.discover();
  bench.plugin("demo", manifest("2.0.0"));
  await bench.lock({}, "2.0.0");
  expect(await manager.reload("demo")).toMatchObject({ kind: "replaced" });
  expect(await manager.rollback("demo")).toMatchObject({
    kind: "refused",
    refusal: {
      rejection: { kind: "rollback_detected", locked: "2.0.0", actual: "1.0.0" },
      message: expect.stringContaining(first.ok ? first.digest : "?"),
    },
    previous: "kept",
  });
  expect(await versionOf(manager)).toBe("2.0.0");

  bench.plugin("demo", manifest("1.0.0"));
  await bench.lock();
  expect(await manager.rollback("demo")).toMatchObject({ kind: "replaced", version: "1.0.0" });
});

it("is refused when nobody agrees to the earlier version any more", async () => {
  await using bench = openWorkbench();
  let isWithdrawn = false;
  const consent: ConsentStore = {
    find: (...question) =>
      isWithdrawn ? Promise.resolve(undefined) : acceptDeclared().find(...question),
  };
  const manager = bench.manager({ verifier: acceptUnverified(), consent });
  bench.plugin("demo", manifest("1.0.0"));
  await manager.discover();
  bench.plugin("demo", manifest("2.0.0"));
  await manager.reload("demo");
  isWithdrawn = true;
  expect(await manager.rollback("demo")).toMatchObject({
    kind: "refused",
    refusal: { code: "CONSENT_REQUIRED", awaiting: { plugin: "demo" } },
  });
});
