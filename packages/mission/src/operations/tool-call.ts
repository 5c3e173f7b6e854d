import type { JsonObject } from "@sigilrt/journal";
import type { MicroUsd } from "@sigilrt/envelope";
import type { OperationHandler } from "../operation.ts";

/** A call of a tool, by the parts of its capability `tool.<plugin>.<tool>`. */
export interface ToolCall {
  /** The plugin. */
  readonly plugin: string;
  /** The tool. */
  readonly tool: string;
  /** Its arguments. */
  readonly arguments: JsonObject;
}

/** How a call went, in JSON. */
export interface ToolAnswer {
  /** `denied` means that it did not run. */
  readonly status: "ok" | "failed" | "denied";
  /** What it answered. */
  readonly result: JsonObject;
  /** What it cost, where that is known. */
  readonly cost?: MicroUsd;
}

/** Makes a call, such as through a manager, which decides about it by all its legs. */
export type ToolCaller = (
  call: ToolCall,
  options: { readonly signal: AbortSignal },
) => Promise<ToolAnswer>;

const TOOL = /^tool\.(?<plugin>[^.]+)\.(?<tool>.+)$/u;

/** Makes the handler of `tool.<plugin>.<tool>`: the operation's params are the tool's arguments. What a tool did nobody can know after a crash. */
export function toolCall(call: ToolCaller): OperationHandler {
  return {
    external: true,
    async run({ type, params }, { signal }) {
      const { plugin, tool } = TOOL.exec(type)?.groups ?? {};
      if (plugin === undefined || tool === undefined) {
        throw new TypeError(`"${type}" names no tool; write tool.<plugin>.<tool>`);
      }
      return call({ plugin, tool, arguments: params }, { signal });
    },
  };
}
