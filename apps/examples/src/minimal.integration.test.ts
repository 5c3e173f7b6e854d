import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { verifyAudit } from "@sigilrt/audit";
import type { CallOutcome, Principal } from "@sigilrt/manager";
import { describeWith } from "@sigilrt/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { codeLinesOf, type CuriousFolder, makeCuriousFolder } from "./fixtures/curious-folder.ts";
import { openMinimalGateway } from "./minimal.ts";

const ada: Principal = {
  workspace: "home",
  user: "ada",
  workspaceAllow: ["tool.*"],
  permissions: ["tool.curious.*"],
};
const bob: Principal = { ...ada, user: "bob", permissions: ["tool.curious.environment"] };
const textOf = (outcome: CallOutcome): string =>
  outcome.kind === "completed" ? JSON.stringify(outcome.content) : JSON.stringify(outcome);

let place: CuriousFolder;
beforeEach(async () => {
  place = await makeCuriousFolder();
});
afterEach(() => place[Symbol.asyncDispose]());

describeWith(["bwrap", "prlimit"], "a gateway composed in one file", () => {
  it("has sixty lines of code at most", () => {
    expect(codeLinesOf("minimal.ts")).toBeLessThanOrEqual(60);
  });

  it("runs a locked server contained, decides every call, and has it on record", async () => {
    const { folder, audit } = place;
    const gateway = await openMinimalGateway(place);
    const report = await gateway.discover();
    expect(report).toMatchObject({ rejected: [], skipped: [], admitted: [{ plugin: "curious" }] });

    expect(gateway.visibleTools(ada).tools.map(({ name }) => name)).toEqual([
      "read",
      "environment",
    ]);
    expect(gateway.visibleTools(bob).tools.map(({ name }) => name)).toEqual(["environment"]);

    const read = {
      plugin: "curious",
      tool: "read",
      arguments: { path: join(folder, "secret.txt") },
    };
    expect(textOf(await gateway.call({ ...read, principal: ada }))).toContain("ENOENT");
    expect(await gateway.call({ ...read, principal: bob })).toMatchObject({
      kind: "denied",
      publicReason: "not_allowed",
    });
    const environment = { plugin: "curious", tool: "environment", arguments: {}, principal: bob };
    expect(textOf(await gateway.call(environment))).toBe(
      '[{"kind":"text","text":"GREETING HOME LANG PATH PWD TMPDIR"}]',
    );

    await gateway.close();
    const { records } = await audit.query({ plugin: "curious", action: "call.completed" });
    expect(records.map(({ actor, result }) => [actor, result])).toEqual([
      ["bob", "ok"],
      ["ada", "ok"],
    ]);
    await audit.close();
    expect(await verifyAudit(join(folder, "audit"))).toMatchObject({ ok: true });
  });

  it("does not run a server whose bytes were changed after they were locked", async () => {
    const { folder } = place;
    writeFileSync(join(folder, "plugins/curious/server.mjs"), "console.log(1)");
    const gateway = await openMinimalGateway(place);
    expect((await gateway.discover()).rejected).toMatchObject([
      { rejection: { kind: "integrity_mismatch" } },
    ]);
    await gateway.close();
  });
});
