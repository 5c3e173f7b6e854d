import type { Manifest } from "@sigilrt/manifest";
import type { ExaminedPlugin } from "@sigilrt/manager";
import { EXIT } from "../exit-code.ts";
import { escaped, type Terminal } from "../terminal.ts";
import { type Candidate, candidateOf, compare, type Comparison } from "./look.ts";
import type { PluginPlace } from "./plugin-place.ts";
import { profileLines } from "./profile-text.ts";
import { rightsLines } from "./rights-text.ts";
import { changeLines } from "./surface-text.ts";
import { writeReview } from "./review.ts";

/** Starts a plugin once, contained, and what it then says of itself. */
export type Examine = (tree: string, rights: "none" | "declared") => Promise<ExaminedPlugin>;

/** Shows a person what would be approved, and remembers what was shown: exactly that can be approved afterwards. */
export async function reviewVerb(
  place: PluginPlace,
  name: string,
  options: { readonly rights: "none" | "declared"; readonly json: boolean },
  examine: Examine,
  { out, err }: Terminal,
): Promise<number> {
  const candidate = await candidateOf(place, name);
  if (!options.json) err(`Starting ${name} once, contained, with ${rightsWords[options.rights]}`);
  const examined = await examine(candidate.tree, options.rights);
  if (examined.manifest.name !== name) {
    throw new Error(`Cannot review "${name}": its manifest is named "${examined.manifest.name}"`);
  }
  const comparison = await compare(place, candidate, examined);
  const { digest, surface, requested, manifest } = examined;
  if (comparison.faults.length === 0) {
    await writeReview(place, { name, digest, surface, requested, version: manifest.version });
  }
  if (options.json) {
    const { version } = manifest;
    out(
      JSON.stringify({
        name,
        version,
        digest,
        source: candidate.source,
        requested,
        surface,
        ...comparison,
      }),
    );
  } else for (const line of reviewLines(candidate, examined, comparison)) out(line);
  return comparison.faults.length > 0 ? EXIT.rejected : EXIT.ok;
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
    ...profileLines(manifest).map((line) => `  ${line}`),
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
