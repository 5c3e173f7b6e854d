import type { CallChunk } from "@sigilrt/lifecycle";
import type { CallOutcome, PluginManager } from "@sigilrt/manager";
import { type CallbackContext, type HostCallbacks, ProcessHostError } from "@sigilrt/process-host";
import type { CallsInProgress } from "./calls-in-progress.ts";
import { KvError } from "./kv-error.ts";
import type { KvSpace, KvStore } from "./kv-store.ts";
import type { AskAnswer, Asker, PluginAsks } from "./plugin-asks.ts";

/** What plugins of the process tier may ask, each behind its decision. What is missing they read as `UNIMPLEMENTED`. */
export type ServedCallbacks = Required<
  Pick<HostCallbacks, "kvGet" | "kvPut" | "kvDelete" | "kvList" | "readConfig" | "callTool">
>;

/** What the callbacks are served from. */
export interface HostCallbacksOptions {
  readonly asks: PluginAsks;
  readonly kv: KvStore;
  readonly calls: Pick<CallsInProgress, "behind">;
  /** Answers the manager that runs other plugins: it comes to be after the hosts. */
  readonly manager: () => Pick<PluginManager, "call">;
}

/** Keys of a page when the plugin does not say how many. */
const USUAL_PAGE = 100;

/** Makes the callbacks. They reject with what the plugin reads as `denied`, `malformed` or `failed`. */
export function hostCallbacks({ asks, kv, calls, manager }: HostCallbacksOptions): ServedCallbacks {
  const allowed = async (capability: string, context: CallbackContext): Promise<Asker> => {
    const asker = askerFor(context, asks);
    passed(await asks.decide(asker, capability, context.signal));
    return asker;
  };
  const space = async (capability: string, context: CallbackContext): Promise<KvSpace> => {
    const { plugin, scope } = await allowed(capability, context);
    return kv.space(plugin, scope);
  };
  return {
    kvGet: async ({ key }, context) => {
      const values = await space("kv.read", context);
      return kept(() => values.get(key));
    },
    kvPut: async ({ key, value, expectedVersion }, context) => {
      const values = await space("kv.write", context);
      return kept(() => values.put(key, value, expectedVersion));
    },
    kvDelete: async ({ key }, context) => {
      const values = await space("kv.write", context);
      return kept(() => values.delete(key));
    },
    kvList: async ({ prefix, pageToken, limit }, context) => {
      const values = await space("kv.read", context);
      const page = kept(() =>
        values.list(prefix, {
          limit: limit > 0 ? limit : USUAL_PAGE,
          ...(pageToken === "" ? {} : { after: pageToken }),
        }),
      );
      return page.next === undefined
        ? { keys: page.keys }
        : { keys: page.keys, nextPageToken: page.next };
    },
    readConfig: async ({ key }, context) => {
      const { config } = await allowed("config.read.self", context);
      return Object.hasOwn(config, key) ? config[key] : undefined;
    },
    async *callTool({ tool: name, arguments: args }, context) {
      const asker = askerFor(context, asks);
      const [plugin = "", ...rest] = name.split(".");
      const tool = rest.join(".");
      passed(await asks.decideCall(asker, { plugin, tool }, context.signal));
      const { signal, timeoutMs } = context;
      const request = { plugin, tool, arguments: args, principal: asker.principal };
      const outcome = await calls.behind(asker.chain, () =>
        manager().call(request, {
          signal,
          ...(timeoutMs === undefined ? {} : { deadlineAt: Date.now() + timeoutMs }),
        }),
      );
      yield* chunksOf(outcome);
    },
  };
}

function askerFor({ identity, requestId }: CallbackContext, asks: PluginAsks): Asker {
  const asker = asks.asker(identity, requestId);
  if (asker) return asker;
  throw refusal("CALLBACK_DENIED");
}

function passed(answer: AskAnswer): void {
  if (answer === "denied") throw refusal("CALLBACK_DENIED");
  if (answer === "malformed") throw refusal("CALLBACK_MALFORMED");
}

function refusal(code: "CALLBACK_DENIED" | "CALLBACK_MALFORMED", cause?: unknown): Error {
  const state = code === "CALLBACK_DENIED" ? "not allowed" : "malformed";
  return new ProcessHostError(code, `Cannot serve a callback: it is ${state}`, {
    phase: "call",
    cause,
  });
}

function kept<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof KvError && error.code === "MALFORMED") {
      throw refusal("CALLBACK_MALFORMED", error);
    }
    throw error;
  }
}

function* chunksOf(outcome: CallOutcome): Generator<CallChunk> {
  switch (outcome.kind) {
    case "completed": {
      const { content, isError, structured } = outcome;
      for (const each of content) yield { kind: "content", content: each };
      yield { kind: "result", isError, ...(structured === undefined ? {} : { structured }) };
      return;
    }
    case "denied":
      throw refusal("CALLBACK_DENIED");
    case "invalid":
      throw refusal("CALLBACK_MALFORMED");
    case "unavailable":
      throw new Error(`Cannot call a tool for a plugin: ${outcome.reason}`);
    case "cancelled":
      throw new Error(`Cannot call a tool for a plugin: cancelled by ${outcome.by}`);
    default:
      outcome satisfies never;
  }
}
