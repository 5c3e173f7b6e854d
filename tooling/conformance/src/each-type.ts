import { readdirSync, readFileSync } from "node:fs";
import type { HostCallOptions } from "@sigilrt/lifecycle";
import type { PluginManager, Principal } from "@sigilrt/manager";

/** What a plugin can be. */
export type Type = "tool" | "skill" | "channel" | "provider";

/** Whether a type is served as tools, and not as a service of its own. */
export const hasTools = (type: Type): boolean => type === "tool" || type === "skill";

/** Somebody who may do everything where everything is allowed. */
export const everybody: Principal = {
  workspace: "home",
  user: "ada",
  workspaceAllow: ["*"],
  permissions: ["*"],
};

/** No limits but those of the manifest. */
export const unlimited: HostCallOptions = {
  signal: new AbortController().signal,
  deadlineAt: Number.POSITIVE_INFINITY,
};

/** Asks plugin `demo` of each type for its version; rejects when that is denied. */
export const askVersion: Readonly<
  Record<Type, (manager: PluginManager, principal: Principal) => Promise<unknown>>
> = {
  tool: callEcho,
  skill: callEcho,
  async channel(manager, principal) {
    const channel = await manager.open({ plugin: "demo", kind: "channel", principal });
    try {
      const sent = await channel.send({ channelId: "c", content: "hi" }, unlimited);
      return sent.platformMessageId;
    } finally {
      await channel[Symbol.asyncDispose]();
    }
  },
  async provider(manager, principal) {
    const provider = await manager.open({ plugin: "demo", kind: "provider", principal });
    try {
      const [model] = await provider.models(unlimited);
      return model?.id;
    } finally {
      await provider[Symbol.asyncDispose]();
    }
  },
};

async function callEcho(manager: PluginManager, principal: Principal): Promise<unknown> {
  const call = { plugin: "demo", tool: "echo", arguments: {}, principal };
  const outcome = await manager.call(call);
  if (outcome.kind !== "completed" || outcome.isError) {
    throw new Error(`not completed: ${JSON.stringify(outcome)}`);
  }
  const { structured } = outcome;
  return typeof structured === "object" && structured !== null && "version" in structured
    ? structured["version"]
    : structured;
}

/** Processes, zombies apart, with `text` among their arguments. */
export function livingWith(text: string): number {
  return readdirSync("/proc").filter((id) => {
    try {
      const isZombie = /^State:\s+Z/mu.test(readFileSync(`/proc/${id}/status`, "utf8"));
      return !isZombie && readFileSync(`/proc/${id}/cmdline`, "utf8").includes(text);
    } catch {
      return false;
    }
  }).length;
}
