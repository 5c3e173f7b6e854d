import { lstat } from "node:fs/promises";
import {
  amendLockfile,
  readLockfile,
  surfaceDigest,
  treeDigestVerifier,
  writeLockfile,
} from "@sigilrt/integrity";
import { inspectPlugins } from "@sigilrt/manager";
import { EXIT } from "../exit-code.ts";
import { escaped, type Terminal } from "../terminal.ts";
import { consentStore, writeConsents } from "./consents.ts";
import { lockDifference } from "./lock-difference.ts";
import { consentsOf } from "./look.ts";
import type { PluginPlace } from "./plugin-place.ts";
import { rejectionText } from "./rejection-text.ts";
import { relock, type Relocked } from "./relock.ts";
import type { Examine } from "./review-verb.ts";
import { unstored } from "./unstored.ts";

/** Writes an empty lock file where there is none, and an empty file of consents beside it. */
export async function lockInit(
  { lock, consents }: PluginPlace,
  { json }: { readonly json: boolean },
  { out }: Terminal,
): Promise<number> {
  if (await lstat(lock).catch(() => undefined)) {
    throw new Error(`Cannot write "${lock}": it exists; nothing was changed`);
  }
  const empty = amendLockfile(undefined, {});
  if (!empty.ok) throw new Error(`Cannot write "${lock}": ${rejectionText(empty.rejection)}`);
  await writeLockfile(lock, empty.lock);
  if (!(await lstat(consents).catch(() => undefined))) await writeConsents(consents, {});
  out(json ? JSON.stringify({ lock }) : `wrote ${lock}: no plugin is approved yet`);
  return EXIT.ok;
}

/** Refusals of the lock itself, with which nothing can be compared. */
const LOCK_REFUSALS: ReadonlySet<string> = new Set([
  "lockfile_malformed",
  "lockfile_unsupported",
  "unsupported_digest_algorithm",
]);

/** Holds every listed plugin against the lock and the consents. Runs nothing and writes nothing. */
export async function lockVerify(
  place: PluginPlace,
  {
    json,
    engine,
    base,
  }: { readonly json: boolean; readonly engine: string; readonly base?: PluginPlace },
  { out }: Terminal,
): Promise<number> {
  const { plugins, rejections } = await inspectPlugins(place.home, {
    mode: "collect",
    folders: [...place.folders.values()],
    lockPath: place.lock,
    store: unstored,
    verifier: treeDigestVerifier(),
    consent: consentStore(await consentsOf(place)),
    engine,
  });
  const unpinned = await surfacesApart(place);
  const isRead = !rejections.some(({ kind }) => LOCK_REFUSALS.has(kind));
  const difference = base && isRead ? await lockDifference(base, place) : undefined;
  const isWhole = rejections.length === 0 && unpinned.length === 0;
  if (json) {
    const shown = plugins.map(({ id, version, digest }) => ({ id, version, digest }));
    out(JSON.stringify({ ok: isWhole, plugins: shown, rejections, unpinned, difference }));
  } else {
    for (const { id, version, digest } of plugins)
      out(escaped(`ok       ${id} ${version} ${digest}`));
    for (const rejection of rejections) {
      const who = "plugin" in rejection ? `${rejection.plugin}: ` : "";
      out(`REFUSED  ${escaped(who)}${rejectionText(rejection)}`);
    }
    for (const line of unpinned) out(escaped(`REFUSED  ${line}`));
    for (const line of difference ?? []) out(line);
  }
  return isWhole ? EXIT.ok : EXIT.rejected;
}

/** Locks changed bytes anew where the recorded consent covers what they ask for and say; anything wider is refused and named. */
export async function lockUpdate(
  place: PluginPlace,
  { json, from }: { readonly json: boolean; readonly from: 0 | 1 },
  examine: Examine,
  { out }: Terminal,
): Promise<number> {
  const read = await readLockfile(place.lock);
  if (!read.ok) throw new Error(`Cannot read "${place.lock}": ${rejectionText(read.rejection)}`);
  if (read.lock.version !== from) {
    const state = from === 0 ? "it is not of the legacy form" : "it is of the legacy form";
    const next = from === 0 ? "sigil lock update" : "sigil lock migrate";
    throw new Error(`Cannot lock "${place.lock}" anew: ${state}; run ${next}`);
  }
  const relocked = await relock(place, read.lock, examine);
  if (json) out(JSON.stringify(relocked));
  else for (const line of relocked.map(lineOf)) out(escaped(line));
  return relocked.every(({ outcome }) => outcome !== "refused") ? EXIT.ok : EXIT.rejected;
}

const lineOf = ({ name, outcome, digest, why = [] }: Relocked): string =>
  outcome === "refused"
    ? `REFUSED  ${name}: ${why.join("; ")}; review and approve it`
    : `${outcome.padEnd(8)} ${name} ${digest}`;

/** Plugins whose pinned surface is not the one that was agreed to: a lock and consents that tell two stories. */
async function surfacesApart(place: PluginPlace): Promise<readonly string[]> {
  const consents = await consentsOf(place);
  const read = await readLockfile(place.lock);
  if (!read.ok) return [];
  return Object.entries(read.lock.plugins).flatMap(([name, { surface }]) => {
    const agreed = Object.hasOwn(consents, name) ? consents[name] : undefined;
    if (!agreed || !place.folders.has(name) || surfaceDigest(agreed.surface) === surface) return [];
    return [
      `${name}: surface_changed, the lock pins tool texts that nobody agreed to; review and approve it`,
    ];
  });
}
