import { CapabilitySet } from "@sigilrt/capability";
import {
  diffSurface,
  digestTree,
  type LockedPlugin,
  type Lockfile,
  surfaceDigest,
} from "@sigilrt/integrity";
import { type Consents, type RecordedConsent, writeConsents } from "./consents.ts";
import { lockPlugins } from "./lock-entry.ts";
import { consentsOf } from "./look.ts";
import type { PluginPlace } from "./plugin-place.ts";
import type { Examine } from "./review-verb.ts";
import { changeLines } from "./surface-text.ts";

/** What became of one plugin. */
export interface Relocked {
  readonly name: string;
  /** `same`: its bytes are the locked ones. `locked`: new bytes, which ask for and say no more than was agreed to. */
  readonly outcome: "same" | "locked" | "refused";
  readonly digest?: string;
  /** What is wider than what was agreed to. */
  readonly why?: readonly string[];
}

/**
 * Locks changed bytes of plugins anew. It never widens: rights beyond the consent, or any other tool text, are refused. New bytes are started
 * once, contained and with nothing granted, to hear what they say.
 */
export async function relock(
  place: PluginPlace,
  lock: Lockfile,
  examine: Examine,
): Promise<readonly Relocked[]> {
  const locked = new Map(Object.entries<LockedPlugin>(lock.plugins));
  const consents = await consentsOf(place);
  const results: Relocked[] = [];
  const pins: Record<string, { digests: string[]; surface: string; version: string }> = {};
  const agreed: Record<string, RecordedConsent> = {};
  for (const [name, folder] of place.folders) {
    if (!locked.has(name)) continue;
    // oxlint-disable-next-line no-await-in-loop -- one after the other: each is started to hear what it says
    const looked = await lookAgain(name, folder, locked.get(name), consents, examine);
    results.push(looked.result);
    if (!looked.pin) continue;
    pins[name] = looked.pin;
    agreed[name] = looked.consent;
  }
  if (Object.keys(pins).length > 0) {
    await writeConsents(place.consents, { ...consents, ...agreed });
    await lockPlugins(place.lock, pins);
  }
  return results;
}

type Looked =
  | { readonly result: Relocked; readonly pin?: undefined }
  | {
      readonly result: Relocked;
      readonly pin: { digests: string[]; surface: string; version: string };
      readonly consent: RecordedConsent;
    };

async function lookAgain(
  name: string,
  folder: string,
  locked: LockedPlugin | undefined,
  consents: Consents,
  examine: Examine,
): Promise<Looked> {
  const refuse = (...why: readonly string[]): Looked => ({
    result: { name, outcome: "refused", why },
  });
  const tree = await digestTree(folder);
  if (!tree.ok) return refuse(`its tree is refused: ${tree.rejection.kind}`);
  const { digest } = tree;
  if (locked?.digests.includes(digest) === true)
    return { result: { name, outcome: "same", digest } };
  const consent = Object.hasOwn(consents, name) ? consents[name] : undefined;
  if (!consent) return refuse("nobody has agreed to any of its versions");
  const { requested, surface, manifest } = await examine(folder, "none");
  const missing = CapabilitySet.from(consent.capabilities).excess(CapabilitySet.from(requested));
  // Capabilities are held against the consent above: fewer of them are no widening.
  const texts = diffSurface(consent.surface, surface).filter(({ list }) => list !== "capabilities");
  if (missing.length > 0 || texts.length > 0) {
    return refuse(...missing.map((pattern) => `it asks for ${pattern}`), ...changeLines(texts));
  }
  return {
    result: { name, outcome: "locked", digest },
    pin: { digests: [digest], surface: surfaceDigest(surface), version: manifest.version },
    consent: { ...consent, digest, surface },
  };
}
