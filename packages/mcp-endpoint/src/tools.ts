import type { CallOptions, PluginManager, Principal, VisibleTool } from "@sigilrt/manager";
import { answerOf, type CallAnswer, unknownTool } from "./call-answer.ts";
import type { Settings } from "./options.ts";
import { type ToolDefinition, toolDefinition } from "./tool-definition.ts";
import { nameTools, targetOf, type ToolNames } from "./tool-names.ts";
import { isObject, type JsonObject } from "./vocabulary.ts";

/** What one principal sees at one moment. */
export interface NamedTools {
  readonly principal: Principal;
  readonly names: ToolNames;
  readonly tools: ReadonlyMap<string, VisibleTool>;
}

/** A call by the name that a client knows. */
export interface NamedCall {
  readonly name: string;
  readonly arguments: JsonObject;
  readonly traceparent: string | undefined;
}

/** The tools of a manager, under the names of each workspace. What it does not list it does not call. */
export class Tools {
  readonly #manager: PluginManager;
  readonly #names: Settings["names"];

  constructor(manager: PluginManager, names: Settings["names"]) {
    this.#manager = manager;
    this.#names = names;
  }

  /** What a principal sees now. @throws whatever the naming function throws */
  seenBy(principal: Principal): NamedTools {
    const names = this.#names(principal.workspace);
    return { principal, names, tools: nameTools(this.#manager.visibleTools(principal), names) };
  }

  /** Decides and runs. */
  async call(
    { principal, names, tools }: NamedTools,
    { name, arguments: args, traceparent }: NamedCall,
    options: CallOptions,
  ): Promise<CallAnswer> {
    const tool = tools.get(name);
    if (!tool) {
      await this.#recordRefusal(principal, name, names);
      return unknownTool;
    }
    const request = {
      plugin: tool.plugin,
      tool: tool.name,
      arguments: args,
      principal,
      ...(traceparent === undefined ? {} : { traceparent }),
    };
    const outcome = await this.#manager.call(request, options);
    const answer = answerOf(outcome, () => this.seenBy(principal).tools.has(name));
    const { outputSchema } = tool;
    return answer.ok && isObject(outputSchema) ? { ...answer, outputSchema } : answer;
  }

  /**
   * Puts the attempt on record. Asked without any permission the decision can only be a denial, so nothing runs, also not a tool
   * that nobody has approved yet; and a tool that exists takes the way of one that does not.
   */
  async #recordRefusal(principal: Principal, name: string, names: ToolNames): Promise<void> {
    const target = targetOf(name, names);
    if (!target) return;
    const powerless = { ...principal, permissions: [] };
    await this.#manager.call({ ...target, arguments: {}, principal: powerless });
  }
}

/** The list of what is seen, by name; equal views are equal to the byte. */
export function listTools({ tools }: NamedTools): ToolDefinition[] {
  return [...tools]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, tool]) => toolDefinition(name, tool));
}
