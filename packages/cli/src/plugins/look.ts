import { readFile } from "node:fs/promises";
import { escaped } from "../terminal.ts";
import {
  type Surface,
  diffSurface,
  digestTree,
  readLockfile,
  type SurfaceChange,
} from "@sigilrt/integrity";
import type { ExaminedPlugin } from "@sigilrt/manager";
import { type Consents, readConsents } from "./consents.ts";
import { fileChangeLines } from "./file-changes.ts";
import type { PluginPlace } from "./plugin-place.ts";
import { rejectionText } from "./rejection-text.ts";
import { stagedPlugin } from "./stage.ts";

/** The bytes that a review is about. */
export interface Candidate {
  readonly name: string;
  /** Where they lie. */
  readonly tree: string;
  /** Where they came from. */
  readonly source: string;
  /** Whether they wait; else they lie in the plugin's own folder already. */
  readonly staged: boolean;
}

/** What a person is shown of a candidate beside what it says itself. */
export interface Comparison {
  /** The version and digest that are locked; absent for a new plugin. */
  readonly locked?: { readonly version: string; readonly digests: readonly string[] };
  /** What differs from what was agreed to. */
  readonly changes: readonly SurfaceChange[];
  /** Files that differ from those in the plugin's folder. */
  readonly files: readonly string[];
  /** Texts that no person can review, such as hidden characters. */
  readonly faults: readonly string[];
}

/**
 * The plugin that waits under a name, or else the one in its folder.
 *
 * @throws Error when there is neither
 */
export async function candidateOf(place: PluginPlace, name: string): Promise<Candidate> {
  const staged = await stagedPlugin(place.staged, name);
  if (staged) return { name, tree: staged.tree, source: staged.source, staged: true };
  const folder = place.folders.get(name);
  if (folder !== undefined) return { name, tree: folder, source: folder, staged: false };
  throw new Error(
    `Cannot find plugin "${name}": nothing waits under this name, and none is listed`,
  );
}

/** Holds a candidate against what is locked and agreed to. */
export async function compare(
  place: PluginPlace,
  candidate: Candidate,
  { surface }: ExaminedPlugin,
): Promise<Comparison> {
  const { name } = candidate;
  const consents = await consentsOf(place);
  const agreed = Object.hasOwn(consents, name) ? consents[name] : undefined;
  const locked = await lockedEntry(place, name);
  const folder = place.folders.get(name);
  const files =
    folder === undefined || !candidate.staged ? [] : await changedFiles(folder, candidate.tree);
  return {
    ...(locked ? { locked } : {}),
    changes: agreed ? diffSurface(agreed.surface, surface) : [],
    files,
    faults: faultsOf(surface),
  };
}

/** The recorded consents; none before the first. */
export async function consentsOf({ consents }: PluginPlace): Promise<Consents> {
  const text = await readFile(consents).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? {} : readConsents(consents);
}

async function lockedEntry({ lock }: PluginPlace, name: string): Promise<Comparison["locked"]> {
  const read = await readLockfile(lock);
  if (!read.ok)
    throw new Error(`Cannot read lock file "${lock}": ${rejectionText(read.rejection)}`);
  const entry = Object.entries(read.lock.plugins).find(([plugin]) => plugin === name)?.[1];
  return entry && { version: entry.version ?? "", digests: entry.digests };
}

async function changedFiles(before: string, after: string): Promise<readonly string[]> {
  const [was, is] = await Promise.all(
    [before, after].map((folder) => digestTree(folder).catch(() => undefined)),
  );
  return was?.ok === true && is?.ok === true ? fileChangeLines(was.fileList, is.fileList) : [];
}

const MAX_DEFINITION = 16_384;
/** What does not show, or changes how the rest shows; line feeds and tabs apart. */
const hidden = /[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/u;

/** Tool texts that a person cannot judge by reading them: hidden characters, or more than anybody reads. */
function faultsOf({ tools }: Surface): readonly string[] {
  return tools.flatMap((tool) => {
    const name = escaped(tool.name);
    const code = hidden.exec(textsOf(tool).join(" "))?.[0].codePointAt(0);
    const { length } = JSON.stringify(tool);
    return [
      ...(code === undefined
        ? []
        : [`tool "${name}" holds the hidden character U+${code.toString(16).padStart(4, "0")}`]),
      ...(length > MAX_DEFINITION
        ? [`tool "${name}" is defined in ${length} characters; ${MAX_DEFINITION} are the most`]
        : []),
    ];
  });
}

/** Every text in a value, names of members too. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).concat(Object.values(value).flatMap((inner) => textsOf(inner)));
}
