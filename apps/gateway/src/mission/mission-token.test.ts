import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryAuditStore, Enforcer } from "@sigilrt/enforcer";
import type { MissionFile } from "@sigilrt/cli";
import { expect, it } from "vitest";
import { openTokenStore } from "../tokens.ts";
import { tokenMissionOf, underMission } from "./mission-token.ts";

const file: MissionFile = {
  name: "count-words",
  workspace: "studio",
  envelope: {
    allowOps: ["tool.text.count"],
    allowPaths: [],
    denyPaths: [],
    protectedPaths: [],
    maxBudgetUsd: "0",
    expiresAt: "2026-11-21T12:00:00Z",
  },
  steps: [],
};
const end = Date.parse("2026-11-21T12:00:00Z");

it("lets a token of a mission do what its envelope allows, until that ends", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mission-token-"));
  try {
    const tokens = await openTokenStore(folder);
    const mission = await tokenMissionOf(file, "studio");
    const owner = { user: "ada", workspace: "studio", mission };
    const token = await tokens.create(owner, "until_revoked");
    const known = await (await openTokenStore(folder)).verify(token);
    expect(known).toEqual(owner);

    let now = end - 1;
    const enforcer = new Enforcer(createMemoryAuditStore({ maxRecords: 100 }), { now: () => now });
    await enforcer.registerPlugin("text", { allow: ["tool.*"], deny: [] });
    const principal = await underMission(
      { user: "ada", workspace: "studio", workspaceAllow: ["*"], permissions: ["*"] },
      known?.mission ?? mission,
    );
    const reasonOf = (capability: string): string =>
      enforcer.evaluate({
        plugin: "text",
        capability,
        userId: principal.user,
        workspaceId: principal.workspace,
        workspaceAllow: principal.workspaceAllow,
        userPermissions: principal.permissions,
        ...(principal.mission ? { mission: principal.mission } : {}),
      }).reason;
    expect(reasonOf("tool.text.count")).toBe("allowed");
    expect(reasonOf("tool.text.slug")).toBe("mission_not_allowed");
    now = end;
    expect(reasonOf("tool.text.count")).toBe("mission_expired");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("binds no token to a mission of another workspace, or to an envelope that is none", async () => {
  await expect(tokenMissionOf(file, "library")).rejects.toThrow("the token's is library");
  const broken = { ...file, envelope: { ...file.envelope, allowOps: ["*"] } };
  await expect(tokenMissionOf(broken, "studio")).rejects.toThrow(RangeError);
});
