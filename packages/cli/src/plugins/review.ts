import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Surface } from "@sigilrt/integrity";
import { z } from "zod";
import { surfaceSchema } from "./consents.ts";
import type { PluginPlace } from "./plugin-place.ts";

/** What a person was shown: the bytes, what they ask for, and what they say of themselves. */
export interface Review {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly requested: readonly string[];
  readonly surface: Surface;
}

const reviewSchema = z.strictObject({
  name: z.string().max(64),
  version: z.string().max(128),
  digest: z.string().max(128),
  requested: z.array(z.string().max(1_024)).max(256),
  surface: surfaceSchema,
});

const pathOf = ({ staged }: PluginPlace, name: string): string =>
  join(staged, `${name}.review.json`);

/** Remembers what was shown, in place of an earlier review. */
export async function writeReview(place: PluginPlace, review: Review): Promise<void> {
  await mkdir(place.staged, { recursive: true, mode: 0o700 });
  await writeFile(pathOf(place, review.name), `${JSON.stringify(review, null, 2)}\n`);
}

/** What was shown last. @throws Error when nothing was */
export async function readReview(place: PluginPlace, name: string): Promise<Review> {
  const text = await readFile(pathOf(place, name), "utf8").catch(() => undefined);
  if (text === undefined) {
    throw new Error(`Cannot approve "${name}": nobody has reviewed it; run sigil review ${name}`);
  }
  return reviewSchema.parse(JSON.parse(text));
}

/** Forgets what was shown. */
export async function forgetReview(place: PluginPlace, name: string): Promise<void> {
  await rm(pathOf(place, name), { force: true });
}
