import type { OfferedPrompt, OfferedResource, Offers } from "@sigilrt/lifecycle";
import type { Offer, Principal } from "./call.ts";
import { CallStop } from "./call-stop.ts";
import { wouldAllow } from "./decide.ts";
import type { Generation } from "./generation.ts";
import type { Instances } from "./instances.ts";
import { offerCapability } from "./offer-capability.ts";
import type { Settings } from "./options.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** One prompt that a principal may ask for. */
export interface VisiblePrompt extends OfferedPrompt {
  /** The plugin. */
  readonly plugin: string;
}

/** One resource that a principal may read, or a template of such. */
export interface VisibleResource extends OfferedResource {
  /** The plugin. */
  readonly plugin: string;
}

/** What one principal sees of one generation beside tools, by plugin, then in the plugin's order. */
export interface OfferView {
  /** The generation. */
  readonly generation: number;
  /** Prompts. */
  readonly prompts: readonly VisiblePrompt[];
  /** Resources. */
  readonly resources: readonly VisibleResource[];
  /** Templates of resources. What is read through one is decided by its own URI. */
  readonly templates: readonly VisibleResource[];
}

interface OfferContext {
  readonly settings: Settings;
  readonly generation: Generation;
  readonly instances: Instances;
  readonly closing: AbortSignal;
}

/** Asks every plugin that may have prompts or resources, and keeps what a call of the principal would be allowed; nothing is recorded. */
export async function visibleOffers(
  principal: Principal,
  signal: AbortSignal | undefined,
  context: OfferContext,
): Promise<OfferView> {
  const { settings, generation } = context;
  const asked = await Promise.all(
    [...generation.plugins.values()]
      .filter((plugin) => mayOffer(plugin))
      .map(async (plugin) => {
        const { name } = plugin.manifest;
        const offers = await offersOf(plugin, principal, signal, context);
        const may = (kind: Offer["kind"], what: string): boolean =>
          wouldAllow(
            { plugin: name, capability: offerCapability(name, kind, what), principal },
            settings,
          );
        const mine = <T extends object>(offer: T): T & { readonly plugin: string } =>
          Object.freeze({ ...offer, plugin: name });
        const resource = ({ uri }: OfferedResource): boolean => may("resource", uri);
        return {
          prompts: offers.prompts.filter((prompt) => may("prompt", prompt.name)).map(mine),
          resources: offers.resources.filter(resource).map(mine),
          templates: offers.templates.filter(resource).map(mine),
        };
      }),
  );
  return Object.freeze({
    generation: generation.number,
    prompts: asked.flatMap(({ prompts }) => prompts),
    resources: asked.flatMap(({ resources }) => resources),
    templates: asked.flatMap(({ templates }) => templates),
  });
}

/** Whether a plugin asked for the right to offer such, and was granted it: without that nothing of it is started. */
const mayOffer = ({ requested }: AdmittedPlugin): boolean =>
  requested.some((pattern) => /^(?:prompt|resource)\./u.test(pattern));

const nothing: Offers = { prompts: [], resources: [], templates: [] };

async function offersOf(
  plugin: AdmittedPlugin,
  principal: Principal,
  signal: AbortSignal | undefined,
  { settings, instances, closing }: OfferContext,
): Promise<Offers> {
  const { clock, times } = settings;
  const stop = new CallStop(clock, times, [
    [signal, "caller"],
    [closing, "drain_limit"],
  ]);
  stop.limit(clock.now() + plugin.manifest.resources.timeouts.callMs);
  try {
    const lease = await instances.acquire(plugin, principal, stop.signal);
    if ("reason" in lease) return nothing;
    try {
      return (await lease.started.running.offers?.({ signal: stop.signal })) ?? nothing;
    } finally {
      lease.release();
    }
  } catch {
    // One plugin that fails must not empty the lists of the others.
    return nothing;
  } finally {
    stop.close();
  }
}
