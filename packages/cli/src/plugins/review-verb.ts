import type { Surface } from "@sigilrt/integrity";
import type { Manifest } from "@sigilrt/manifest";
import type { ExaminedPlugin } from "@sigilrt/manager";
import { EXIT } from "../exit-code.ts";
import { escaped, type Terminal } from "../terminal.ts";
import { type Candidate, candidateOf, compare, type Comparison } from "./look.ts";
import type { PluginPlace } from "./plugin-place.ts";
import { touchLines } from "./profile-text.ts";
import { rightsLines } from "./rights-text.ts";
import { changeLines } from "./surface-text.ts";
import { writeReview } from "./review.ts";

/** Starts a plugin once, contained, and what it then says of itself. */
export type Examine = (tree: string, rights: "none" | "declared") => Promise<ExaminedPlugin>;

/** What a person is shown before they agree: exactly that can be approved afterwards. Every text of it is the plugin's own. */
export interface ReviewedPlugin extends Comparison {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** What it says it is for. */
  readonly description?: string;
  /** The digest of its bytes, which an approval names. */
  readonly digest: string;
  /** Where they came from. */
  readonly source: string;
  /** Patterns of the rights it asks for. */
  readonly requested: readonly string[];
  /** What it offers, in its own words. */
  readonly surface: Surface;
  /** What it could touch, in plain words, a line for each kind of thing; safe to show. */
  readonly touches: readonly string[];
  /** The rights with the author's reasons, in plain words; safe to show. */
  readonly rights: readonly string[];
  /** What is unwise in its manifest. */
  readonly notes: readonly string[];
}

/**
 * Starts a plugin once, contained, holds it against what is approved, and remembers what it answers: exactly that can be approved afterwards,
 * unless `faults` say that nobody can review it.
 *
 * @throws Error when nothing waits under the name and none is listed, or when its manifest has another name
 */
export async function reviewPlugin(
  place: PluginPlace,
  name: string,
  rights: "none" | "declared",
  examine: Examine,
): Promise<ReviewedPlugin> {
  const candidate = await candidateOf(place, name);
  return reviewed(place, candidate, await examined(candidate, rights, examine));
}

/** Shows a person what would be approved. */
export async function reviewVerb(
  place: PluginPlace,
  name: string,
  options: { readonly rights: "none" | "declared"; readonly json: boolean },
  examine: Examine,
  { out, err }: Terminal,
): Promise<number> {
  const candidate = await candidateOf(place, name);
  if (!options.json) err(`Starting ${name} once, contained, with ${rightsWords[options.rights]}`);
  const found = await examined(candidate, options.rights, examine);
  const review = await reviewed(place, candidate, found);
  if (options.json) out(JSON.stringify(review));
  else for (const line of reviewLines(candidate, found, review)) out(line);
  return review.faults.length > 0 ? EXIT.rejected : EXIT.ok;
}

async function examined(
  { name, tree }: Candidate,
  rights: "none" | "declared",
  examine: Examine,
): Promise<ExaminedPlugin> {
  const found = await examine(tree, rights);
  if (found.manifest.name === name) return found;
  throw new Error(`Cannot review "${name}": its manifest is named "${found.manifest.name}"`);
}

async function reviewed(
  place: PluginPlace,
  candidate: Candidate,
  found: ExaminedPlugin,
): Promise<ReviewedPlugin> {
  const { name, source } = candidate;
  const comparison = await compare(place, candidate, found);
  const { digest, surface, requested, manifest } = found;
  const { version, description, warnings } = manifest;
  if (comparison.faults.length === 0) {
    await writeReview(place, { name, digest, surface, requested, version });
  }
  return {
    name,
    version,
    ...(description === undefined ? {} : { description }),
    digest,
    source,
    requested,
    surface,
    touches: touchLines(manifest),
    rights: rightsLines(manifest),
    notes: warnings.map(({ message }) => message),
    ...comparison,
  };
}

const rightsWords = {
  none: "nothing granted",
  declared: "all the rights that it asks for",
} as const;

function reviewLines(
  { source }: Candidate,
  { manifest, digest, surface }: ExaminedPlugin,
  { locked, changes, files, faults }: Comparison,
): readonly string[] {
  const { name, version, description, license, adapter, execution, entry } = manifest;
  const program = entry && "command" in entry ? entry.command.join(" ") : (entry?.module ?? "");
  const isApproved = locked?.digests.includes(digest) === true && changes.length === 0;
  const approved =
    locked === undefined ? "new: no version of it is approved" : `approved: ${locked.version}`;
  return [
    `${name} ${version}  ${execution.tier}, ${adapter}${license === undefined ? "" : `, ${license}`}`,
    ...(description === undefined ? [] : [`  says    "${description}"`]),
    `  from    ${source}`,
    `  bytes   ${digest}`,
    `  runs    ${program}`,
    `  ${approved}`,
    "can touch",
    ...touchLines(manifest).map((line) => `  ${line}`),
    "rights, with the author's reasons",
    ...rightsLines(manifest).map((line) => `  ${line}`),
    ...manifest.secrets.map(secretLine),
    ...manifest.warnings.map(({ message }) => `  note: ${message}`),
    "tools, in its own words",
    ...surface.tools.flatMap(({ name: tool, description: told }) => [
      `  ${tool}`,
      ...told.split("\n").map((line) => `    | ${line}`),
    ]),
    ...(surface.tools.length === 0 ? ["  none"] : []),
    ...section("changed since it was approved", changeLines(changes)),
    ...section("files changed since it was approved", files),
    ...section("cannot be approved", faults),
    ...(faults.length > 0
      ? []
      : isApproved
        ? ["This is what is approved and locked."]
        : [
            `Approve exactly this: sigil approve ${name} --digest ${digest.slice(13, 29)} --user <you>`,
          ]),
  ].map((line) => escaped(line));
}

function secretLine({ name, env, required }: Manifest["secrets"][number]): string {
  const way = env === undefined ? "" : ` in ${env}`;
  return `  ${required ? "needs" : "may be given"} the secret "${name}"${way}`;
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
