import { compileEnvelope, type EnvelopeSpec, missionLeg, protectObjects } from "@sigilrt/envelope";
import type { MissionFile } from "@sigilrt/cli";
import type { MissionLeg } from "@sigilrt/enforcer";
import type { Principal } from "@sigilrt/manager";
import { z } from "zod";

/** A mission that a token is bound to: everything that is called with it is called under this. */
export interface TokenMission {
  readonly name: string;
  readonly envelope: EnvelopeSpec;
}

const texts = z.array(z.string()).readonly();

/** The form of a mission in a token's file. */
export const tokenMissionSchema = z.strictObject({
  name: z.string().min(1).max(256),
  envelope: z.strictObject({
    allowOps: texts,
    allowPaths: texts,
    denyPaths: texts,
    protectedPaths: texts,
    maxBudgetUsd: z.string(),
    expiresAt: z.union([z.string(), z.null()]),
  }),
});

/** The mission of a file for a token in a workspace. @throws Error for a file of another workspace, RangeError for an envelope that is none */
export async function tokenMissionOf(file: MissionFile, workspace: string): Promise<TokenMission> {
  if (file.workspace !== workspace) {
    const state = `its workspace is ${file.workspace}, and the token's is ${workspace}`;
    throw new Error(`Cannot bind a token to mission ${file.name}: ${state}`);
  }
  const mission = { name: file.name, envelope: file.envelope };
  await legOf(mission);
  return mission;
}

/** The principal of a token that is bound to a mission: its envelope is the fifth leg of every decision. */
export async function underMission(
  principal: Principal,
  mission: TokenMission,
): Promise<Principal> {
  return { ...principal, mission: await legOf(mission) };
}

/** The leg knows of operations and of time alone, so that the root does not matter. */
async function legOf({ name, envelope }: TokenMission): Promise<MissionLeg> {
  const protectedObjects = await protectObjects([]);
  return missionLeg(compileEnvelope(envelope, { root: "/", protectedObjects }), name);
}
