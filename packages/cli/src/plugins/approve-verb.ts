import { cp, mkdir, rename, rm } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import type { AuditRecord } from "@sigilrt/enforcer";
import { diffSurface, digestTree, surfaceDigest } from "@sigilrt/integrity";
import { EXIT } from "../exit-code.ts";
import type { ActReport } from "../operate/operated-gateway.ts";
import { escaped, type Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { writeConsents } from "./consents.ts";
import { lockPlugins } from "./lock-entry.ts";
import { type Candidate, candidateOf, consentsOf } from "./look.ts";
import type { PluginPlace } from "./plugin-place.ts";
import { forgetReview, readReview, type Review } from "./review.ts";

/** What an approval reaches besides the files of a place. */
export interface ApprovalPowers {
  /** Puts records into the gateway's audit, durably. */
  record(records: readonly AuditRecord[]): Promise<void>;
  /** Adds a plugin to the configuration. */
  list(name: string, folder: string): Promise<void>;
  /** Keeps a secret that came with the approval. */
  supply?(): Promise<ActReport>;
  /** Tells the gateway that runs; answers what it made of it, or that none runs. */
  approved(name: string): Promise<ActReport | undefined>;
}

/** What an approval came to. */
export interface Approval {
  /** The plugin. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** The bytes that were approved. */
  readonly digest: string;
  /** Who agreed. */
  readonly user: string;
  /** Where the bytes lie now. */
  readonly folder: string;
  /** What became of the secret that came with it. */
  readonly secret?: ActReport;
  /** What the gateway that runs made of it; absent when none runs. */
  readonly gateway?: ActReport;
}

/**
 * Records that a person agrees to exactly what was reviewed, and pins it: the record in the audit is durable first, then the consent, the
 * bytes in the plugin's folder, the lock. Stopped in between it can be run again; until it has ended the new bytes do not run.
 *
 * @throws Error for a digest that is not the reviewed one, and when the bytes have changed since the review
 */
export async function approvePlugin(
  place: PluginPlace,
  name: string,
  options: {
    /** What the person was shown: the digest, or at least twelve characters of its beginning. */
    readonly digest: string;
    /** Who agrees. */
    readonly user: string;
  },
  powers: ApprovalPowers,
): Promise<Approval> {
  const review = await readReview(place, name);
  const hex = review.digest.slice("tree1-sha256:".length);
  const given = options.digest.replace(/^tree1-sha256:/u, "");
  if (given.length < 12 || !hex.startsWith(given)) {
    throw new UsageError(
      `Cannot approve "${name}": the digest of what was reviewed begins with ${hex.slice(0, 16)}, not with "${given}"`,
    );
  }
  const candidate = await candidateOf(place, name);
  await refuseChanged(candidate, review);
  await powers.record([recordOf(review, options.user, await changesOf(place, review))]);
  const consents = await consentsOf(place);
  const { digest, requested, surface } = review;
  const consent = { capabilities: requested, digest, surface, userId: options.user };
  await writeConsents(place.consents, { ...consents, [name]: consent });
  const folder = place.folders.get(name) ?? join(place.home, name);
  if (candidate.staged) await layOut(candidate.tree, folder);
  const pinned = { digests: [digest], surface: surfaceDigest(surface), version: review.version };
  await lockPlugins(place.lock, { [name]: pinned });
  if (!place.folders.has(name)) await powers.list(name, folder);
  if (candidate.staged) await rm(dirname(candidate.tree), { recursive: true });
  await forgetReview(place, name);
  const supplied = await powers.supply?.();
  const gateway = await powers.approved(name);
  const { version } = review;
  return {
    name,
    version,
    digest,
    user: options.user,
    folder,
    ...(supplied ? { secret: supplied } : {}),
    ...(gateway ? { gateway } : {}),
  };
}

/** Approves, and says what that came to. */
export async function approveVerb(
  place: PluginPlace,
  name: string,
  {
    digest,
    user,
    json,
  }: { readonly digest: string; readonly user: string; readonly json: boolean },
  powers: ApprovalPowers,
  { out, err }: Terminal,
): Promise<number> {
  const approval = await approvePlugin(place, name, { digest, user }, powers);
  const { version, secret, gateway } = approval;
  if (secret?.outcome === "refused") err(escaped(secret.message ?? "The secret is refused"));
  if (json) out(JSON.stringify(approval));
  else {
    out(`approved ${name} ${version} by ${user}; ${effectOf(gateway)}`);
    if (gateway?.message !== undefined) err(escaped(gateway.message));
  }
  const isRefused = [gateway, secret].some((report) => report?.outcome === "refused");
  return isRefused ? EXIT.rejected : EXIT.ok;
}

/**
 * Records that a person does not want what was staged, and removes it; answers the digest of it. What runs on the approved version stays.
 *
 * @throws Error when nothing of it is staged
 */
export async function rejectPlugin(
  place: PluginPlace,
  name: string,
  options: {
    /** Who refuses. */
    readonly user: string;
  },
  { record }: Pick<ApprovalPowers, "record">,
): Promise<string> {
  const candidate = await candidateOf(place, name);
  if (!candidate.staged) throw new Error(`Cannot reject "${name}": nothing of it is staged`);
  const found = await digestTree(candidate.tree);
  const digest = found.ok ? found.digest : "none";
  await record([
    {
      action: "plugin.refused",
      actor: options.user,
      plugin: name,
      result: "failed",
      reason: "rejected",
      detail: { digest },
    },
  ]);
  await rm(dirname(candidate.tree), { recursive: true });
  await forgetReview(place, name);
  return digest;
}

/** Rejects, and says so. */
export async function rejectVerb(
  place: PluginPlace,
  name: string,
  { user, json }: { readonly user: string; readonly json: boolean },
  powers: Pick<ApprovalPowers, "record">,
  { out }: Terminal,
): Promise<number> {
  const digest = await rejectPlugin(place, name, { user }, powers);
  out(json ? JSON.stringify({ name, digest, user }) : `rejected ${name}`);
  return EXIT.ok;
}

function effectOf(report: ActReport | undefined): string {
  if (!report) return "it runs from the next start on";
  return report.outcome === "refused"
    ? "the gateway that runs did not take it over"
    : "the gateway that runs has it now";
}

async function refuseChanged({ tree, name }: Candidate, { digest }: Review): Promise<void> {
  const found = await digestTree(tree);
  if (found.ok && found.digest === digest) return;
  throw new Error(
    `Cannot approve "${name}": its bytes have changed since the review; run sigil review ${name}`,
  );
}

async function changesOf(place: PluginPlace, { name, surface }: Review): Promise<string> {
  const consents = await consentsOf(place);
  const before = Object.hasOwn(consents, name) ? consents[name]?.surface : undefined;
  if (!before) return "new";
  return diffSurface(before, surface).length === 0 ? "bytes" : "surface";
}

const recordOf = (
  { name, version, digest, surface }: Review,
  user: string,
  changed: string,
): AuditRecord => ({
  action: "consent.given",
  actor: user,
  plugin: name,
  result: "ok",
  reason: "ok",
  detail: { digest, version, surface: surfaceDigest(surface), changed },
});

/** Puts the bytes in the place of those before, whole: the old folder goes only when the new one is there. */
async function layOut(tree: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const draft = join(dirname(folder), `.${randomUUID()}`);
  const old = join(dirname(folder), `.${randomUUID()}`);
  await cp(tree, draft, { recursive: true, verbatimSymlinks: true });
  try {
    await rename(folder, old).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}
