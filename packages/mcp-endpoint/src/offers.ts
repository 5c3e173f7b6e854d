import type {
  CallOptions,
  CallRequest,
  Offer,
  PluginManager,
  Principal,
  VisiblePrompt,
  VisibleResource,
} from "@sigilrt/manager";
import { type OfferAnswer, offerAnswerOf } from "./offer-answer.ts";
import { namePrompts, pluginOfTemplate, resourcesByUri } from "./offer-names.ts";
import type { Settings } from "./options.ts";
import { targetOf, type ToolNames } from "./tool-names.ts";
import type { JsonObject } from "./vocabulary.ts";

/** What one principal sees beside tools at one moment. */
export interface NamedOffers {
  readonly principal: Principal;
  readonly names: ToolNames;
  readonly prompts: ReadonlyMap<string, VisiblePrompt>;
  readonly resources: ReadonlyMap<string, VisibleResource>;
  readonly templates: ReadonlyMap<string, VisibleResource>;
}

/** A prompt or a resource by the name that a client knows. */
export interface NamedAsk extends Offer {
  readonly name: string;
  readonly arguments: JsonObject;
  readonly traceparent: string | undefined;
}

/** The prompts and resources of a manager. What is not listed, and made from no listed template, is not asked for. */
export class Offers {
  readonly #manager: PluginManager;
  readonly #names: Settings["names"];

  constructor(manager: PluginManager, names: Settings["names"]) {
    this.#manager = manager;
    this.#names = names;
  }

  /** What a principal sees now. @throws whatever the naming function throws */
  async seenBy(principal: Principal, signal: AbortSignal): Promise<NamedOffers> {
    const names = this.#names(principal.workspace);
    const view = await this.#manager.visibleOffers(principal, { signal });
    return {
      principal,
      names,
      prompts: namePrompts(view.prompts, names),
      resources: resourcesByUri(view.resources),
      templates: resourcesByUri(view.templates),
    };
  }

  /** Decides and asks. */
  async ask(seen: NamedOffers, ask: NamedAsk, options: CallOptions): Promise<OfferAnswer> {
    const { principal } = seen;
    const target = meant(seen, ask);
    if (!target) {
      await this.#recordRefusal(seen, ask);
      return { kind: "unknown" };
    }
    const { kind, completing, traceparent } = ask;
    const request: CallRequest = {
      plugin: target.plugin,
      tool: target.name,
      offer: { kind, ...(completing ? { completing } : {}) },
      arguments: ask.arguments,
      principal,
      ...(traceparent === undefined ? {} : { traceparent }),
    };
    return offerAnswerOf(await this.#manager.call(request, options));
  }

  /** Puts the attempt at a prompt on record, as with tools. A URI names no plugin, so there is nothing to decide about one. */
  async #recordRefusal({ principal, names }: NamedOffers, { kind, name }: NamedAsk): Promise<void> {
    const target = kind === "prompt" ? targetOf(name, names) : undefined;
    if (!target) return;
    const powerless = { ...principal, permissions: [] };
    await this.#manager.call({ ...target, offer: { kind }, arguments: {}, principal: powerless });
  }
}

function meant(
  { prompts, resources, templates }: NamedOffers,
  { kind, name, completing }: NamedAsk,
): { readonly plugin: string; readonly name: string } | undefined {
  if (kind === "prompt") return prompts.get(name);
  // What is completed is the template itself.
  const plugin = completing
    ? templates.get(name)?.plugin
    : (resources.get(name)?.plugin ?? pluginOfTemplate(templates.values(), name));
  return plugin === undefined ? undefined : { plugin, name };
}
