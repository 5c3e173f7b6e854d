import { missionLeg, type Envelope } from "@sigilrt/envelope";
import type { JsonObject } from "@sigilrt/journal";
import {
  type CallOutcome,
  ManagerError,
  type PluginManager,
  type Principal,
} from "@sigilrt/manager";
import {
  fileWrite,
  modelCall,
  type ModelCaller,
  type ModelPrice,
  type OperationHandler,
  type ToolAnswer,
  toolCall,
} from "@sigilrt/mission";
import { z } from "zod";

/** What the operations of a mission are run by. */
export interface MissionHandlersOptions {
  readonly manager: PluginManager;
  /** On whose behalf, without a mission. */
  readonly principal: Principal;
  /** The mission's id in decisions and in the audit. */
  readonly mission: string;
  readonly envelope: Envelope;
  /** What a provider's models cost; a provider without a price is asked at its estimate. */
  readonly price: (provider: string) => ModelPrice | undefined;
}

/** The operation that writes one file whole. */
export const FILE_WRITE = "mission.file.write";
const MAX_ANSWER_UNITS = 1_048_576;
const CHAT = /^provider\.(?<plugin>[^.]+)\.chat$/u;

/**
 * Makes the handlers of a mission: tools and models through the manager, each decided by all legs with the mission's as the fifth, and
 * files through the envelope.
 */
export function missionHandlers(
  options: MissionHandlersOptions,
): (type: string) => OperationHandler | undefined {
  const { manager, envelope, mission } = options;
  const principal = { ...options.principal, mission: missionLeg(envelope, mission) };
  const tool = toolCall(async (call, { signal }) =>
    toolAnswerOf(await manager.call({ ...call, principal }, { signal })),
  );
  const file = fileWrite();
  return (type) => {
    if (type === FILE_WRITE) return file;
    if (type.startsWith("tool.")) return tool;
    const plugin = CHAT.exec(type)?.groups?.["plugin"];
    if (plugin === undefined) return undefined;
    const unpriced = { inputPerMillion: 0n, outputPerMillion: 0n };
    const price = options.price(plugin);
    const ask = asking(manager, plugin, principal, price !== undefined);
    return refusable(modelCall(ask, price ?? unpriced));
  };
}

/** What the manager refuses has not run, and nobody paid for it. */
const refusable = (handler: OperationHandler): OperationHandler => ({
  external: handler.external,
  async run(operation, context) {
    try {
      return await handler.run(operation, context);
    } catch (error) {
      if (!(error instanceof ManagerError) || error.code !== "DENIED") throw error;
      return { status: "denied", result: { reason: "not_allowed" } };
    }
  },
});

/** What a caller may know of an outcome, in JSON. */
function toolAnswerOf(outcome: CallOutcome): ToolAnswer {
  switch (outcome.kind) {
    case "completed": {
      const { content, structured, isError, meta } = outcome;
      const texts = content.flatMap((piece) => (piece.kind === "text" ? [piece.text] : []));
      const result = {
        texts,
        pieces: content.length,
        decision: meta.decisionId,
        version: meta.version,
        digest: meta.digest,
        ...(structured === undefined ? {} : { structured }),
      };
      return { status: isError ? "failed" : "ok", result };
    }
    case "denied":
      return {
        status: "denied",
        result: { reason: outcome.publicReason, decision: outcome.decisionId },
      };
    case "invalid":
      return { status: "denied", result: { reason: "invalid" } };
    case "unavailable":
      return { status: "failed", result: { reason: outcome.reason } };
    case "cancelled":
      return { status: "failed", result: { reason: `cancelled by ${outcome.by}` } };
    default:
      return outcome satisfies never;
  }
}

const chatSchema = z.strictObject({
  model: z.string().min(1).max(256),
  messages: z
    .array(z.strictObject({ role: z.enum(["user", "assistant", "system"]), content: z.string() }))
    .min(1)
    .max(1_000),
  maxTokens: z.int().min(1).optional(),
});

const asking =
  (manager: PluginManager, plugin: string, principal: Principal, isPriced: boolean): ModelCaller =>
  async (params: JsonObject, { signal }) => {
    const { maxTokens, ...request } = chatSchema.parse(params);
    const limit = maxTokens === undefined ? {} : { maxTokens };
    await using provider = await manager.open({ plugin, kind: "provider", principal }, { signal });
    let text = "";
    let usage: { readonly inputTokens: number; readonly outputTokens: number } | undefined;
    const deadlineAt = Number.POSITIVE_INFINITY;
    for await (const event of provider.chat({ ...request, ...limit }, { signal, deadlineAt })) {
      if (event.kind === "error") throw new Error("the provider failed");
      if (event.kind === "usage") ({ usage } = event);
      if (event.kind === "text") text += event.text;
      if (text.length > MAX_ANSWER_UNITS) throw new Error("the answer is too long");
    }
    const counted = isPriced ? usage : undefined;
    return {
      result: { text },
      inputTokens: counted?.inputTokens,
      outputTokens: counted?.outputTokens,
    };
  };
