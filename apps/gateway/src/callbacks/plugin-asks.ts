import { parseCapability } from "@sigilrt/capability";
import { type AuditStore, type Enforcer, publicAnswer } from "@sigilrt/enforcer";
import type { InstanceIdentity, JsonValue } from "@sigilrt/lifecycle";
import type { Principal } from "@sigilrt/manager";
import type { Principals } from "../principals.ts";
import type { CallInProgress, CallsInProgress, InstanceInService } from "./calls-in-progress.ts";

/** Plugins that may stand behind one another, each called by the one before. */
const MOST_BEHIND = 8;

/** A plugin that asks the gateway for something, and for whom. */
export interface Asker {
  readonly plugin: string;
  readonly principal: Principal;
  /** What its store is bound to: nothing for an instance that all share, else workspace, or workspace and user. */
  readonly scope: readonly string[];
  readonly config: Readonly<Record<string, JsonValue>>;
  /** The plugins that stand behind what it asks, itself the last. */
  readonly chain: readonly string[];
}

/** How the gateway answered a question. */
export type AskAnswer = "allowed" | "denied" | "malformed";

/** Judges what plugins ask: as the plugin, for the person whose call it is, under the mission of that call. */
export interface PluginAsks {
  /**
   * Who asks by a call, or by work of its own when there is no id; `undefined` for whom the gateway asks nothing: a call that does not run
   * in this instance, or work of an instance that belongs to no one person, or that would be done beside a mission.
   */
  asker(identity: InstanceIdentity | undefined, requestId: string | undefined): Asker | undefined;
  /** Who asks by a call, where the host itself says by which. */
  askerOf(requestId: string): Asker | undefined;
  /** Decides, on record. */
  decide(asker: Asker, capability: string, signal: AbortSignal): Promise<AskAnswer>;
  /** Decides on calling a tool of a plugin, on record; one that stands behind the question already, or one too many, is refused. */
  decideCall(
    asker: Asker,
    target: { readonly plugin: string; readonly tool: string },
    signal: AbortSignal,
  ): Promise<AskAnswer>;
}

/** What asks are judged by. */
export interface PluginAsksOptions {
  readonly calls: Pick<CallsInProgress, "call" | "instance">;
  readonly enforcer: Pick<Enforcer, "check">;
  readonly audit: Pick<AuditStore, "append">;
  readonly principals: Principals;
}

/** Makes the judge. */
export function pluginAsks({ calls, enforcer, audit, principals }: PluginAsksOptions): PluginAsks {
  const askerOfCall = ({ instance, principal, chain }: CallInProgress): Asker | undefined => {
    // The rights of now: they may have been taken away since the call began.
    const now = principals.find(principal);
    if (!now) return undefined;
    const { mission, session } = principal;
    const bound = {
      ...now,
      ...(mission === undefined ? {} : { mission }),
      ...(session === undefined ? {} : { session }),
    };
    return askerIn(instance, bound, chain);
  };
  const decide: PluginAsks["decide"] = async ({ plugin, principal }, capability, signal) => {
    const { user, workspace, workspaceAllow, permissions, mission, session } = principal;
    const decision = await enforcer.check(
      {
        plugin,
        capability,
        userId: user,
        workspaceId: workspace,
        workspaceAllow,
        userPermissions: permissions,
        ...(mission === undefined ? {} : { mission }),
        ...(session === undefined ? {} : { sessionId: session }),
      },
      { signal },
    );
    const answer = publicAnswer(decision);
    return answer.allowed ? "allowed" : answer.reason;
  };
  return {
    asker(identity, requestId) {
      const instance = identity && calls.instance(identity);
      if (!instance) return undefined;
      if (requestId === undefined) return ownWork(instance, principals);
      const call = calls.call(requestId);
      return call?.instance === instance ? askerOfCall(call) : undefined;
    },
    askerOf(requestId) {
      const call = calls.call(requestId);
      return call && askerOfCall(call);
    },
    decide,
    async decideCall(asker, target, signal) {
      const capability = `tool.${target.plugin}.${target.tool}`;
      if (!isCapability(capability)) return "malformed";
      const { plugin, principal, chain } = asker;
      if (!chain.includes(target.plugin) && chain.length <= MOST_BEHIND) {
        return decide(asker, capability, signal);
      }
      const { user: actor, workspace, session, mission } = principal;
      await audit.append(
        [
          {
            action: "capability_check",
            actor,
            workspace,
            plugin,
            capability,
            result: "denied",
            reason: "limit",
            ...(session === undefined ? {} : { session }),
            ...(mission === undefined ? {} : { mission: mission.id }),
            detail: { limit: "reentrancy", chain },
          },
        ],
        { signal },
      );
      return "denied";
    },
  };
}

/** Work of its own is that of the person an instance serves. Called work in progress stands behind it: nothing is escaped by not naming it. */
function ownWork(instance: InstanceInService, principals: Principals): Asker | undefined {
  const { workspace, user, plugin } = instance.identity;
  const running = [...instance.calls.values()];
  if (user === undefined || workspace === undefined) return undefined;
  if (running.some(({ principal }) => principal.mission !== undefined)) return undefined;
  const principal = principals.find({ user, workspace });
  const behind = running.flatMap(({ chain }) => chain).filter((name) => name !== plugin);
  return principal && askerIn(instance, principal, [...new Set(behind), plugin]);
}

function askerIn(
  { identity, config }: InstanceInService,
  principal: Principal,
  chain: readonly string[],
): Asker {
  const { plugin, workspace, user } = identity;
  const scope = [workspace, user].filter((part) => part !== undefined);
  return { plugin, principal, scope, config, chain };
}

function isCapability(text: string): boolean {
  try {
    parseCapability(text);
    return true;
  } catch {
    return false;
  }
}
