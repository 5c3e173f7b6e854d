import { openTemporaryPluginStore } from "@sigilrt/integrity";
import type { Tell } from "./events.ts";
import type { Generation } from "./generation.ts";
import { Instances } from "./instances.ts";
import type { Settings } from "./options.ts";
import type { Workshop } from "./standing.ts";

/** A workshop whose store goes with its manager, where nobody passed one. */
export interface ClosableWorkshop extends Workshop {
  remove(): Promise<void>;
}

/** Opens the store that was passed, or a private one. */
export async function openWorkshop(
  settings: Settings,
  tell: Tell,
  plugins: () => Generation["plugins"],
): Promise<ClosableWorkshop> {
  if (settings.store) {
    const { store } = settings;
    const instances = new Instances(settings, store, tell, plugins);
    return { store, instances, remove: () => Promise.resolve() };
  }
  const store = await openTemporaryPluginStore();
  const remove = (): Promise<void> => Promise.resolve(store[Symbol.asyncDispose]());
  return { store, instances: new Instances(settings, store, tell, plugins), remove };
}
