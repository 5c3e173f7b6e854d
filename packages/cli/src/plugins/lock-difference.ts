import {
  type LockedPlugin,
  type Lockfile,
  diffSurface,
  digestTree,
  readLockfile,
} from "@sigilrt/integrity";
import { escaped } from "../terminal.ts";
import type { RecordedConsent } from "./consents.ts";
import { fileChangeLines } from "./file-changes.ts";
import { consentsOf } from "./look.ts";
import type { PluginPlace } from "./plugin-place.ts";
import { rejectionText } from "./rejection-text.ts";
import { changeLines } from "./surface-text.ts";

/** How what is locked in one checkout differs from another one: bytes, rights and tool texts, for the person who reviews the change. */
export async function lockDifference(
  before: PluginPlace,
  after: PluginPlace,
): Promise<readonly string[]> {
  const [was, is] = await Promise.all([lockedIn(before), lockedIn(after)]);
  const [agreed, agrees] = await Promise.all([consentsOf(before), consentsOf(after)]);
  const names = [...new Set([...was.keys(), ...is.keys()])].toSorted();
  const lines: string[] = [];
  for (const name of names) {
    const [old, now] = [was.get(name), is.get(name)];
    if (old === undefined || now === undefined) {
      lines.push(`${old ? "- " : "+ "}${name} is ${old ? "no longer" : "now"} locked`);
      if (now) lines.push(...toldOf(undefined, agrees[name]));
      continue;
    }
    if (JSON.stringify(old) === JSON.stringify(now)) continue;
    lines.push(`~ ${name} ${old.version ?? ""} → ${now.version ?? ""}`);
    // oxlint-disable-next-line no-await-in-loop -- in the order of their names
    const bytes = await bytesOf(before, after, name, old, now);
    lines.push(...bytes, ...toldOf(agreed[name], agrees[name]));
  }
  return lines.length === 0 ? ["The lock is the same."] : lines.map((line) => escaped(line));
}

async function lockedIn({ lock }: PluginPlace): Promise<ReadonlyMap<string, LockedPlugin>> {
  const read = await readLockfile(lock);
  if (!read.ok) throw new Error(`Cannot read "${lock}": ${rejectionText(read.rejection)}`);
  const { plugins }: Lockfile = read.lock;
  return new Map(Object.entries<LockedPlugin>(plugins));
}

async function bytesOf(
  before: PluginPlace,
  after: PluginPlace,
  name: string,
  old: LockedPlugin,
  now: LockedPlugin,
): Promise<readonly string[]> {
  const pins = [`    - ${old.digests.join(", ")}`, `    + ${now.digests.join(", ")}`];
  const trees = await Promise.all(
    [before, after].map(async ({ folders }) => {
      const folder = folders.get(name);
      return folder === undefined ? undefined : digestTree(folder).catch(() => undefined);
    }),
  );
  const [was, is] = trees;
  if (was?.ok !== true || is?.ok !== true || !old.digests.includes(was.digest)) {
    return [
      "  bytes",
      ...pins,
      "    which files: lay the plugin out in both checkouts to see them",
    ];
  }
  const files = fileChangeLines(was.fileList, is.fileList);
  return ["  bytes", ...pins, ...files.map((line) => `    ${line}`)];
}

function toldOf(
  before: RecordedConsent | undefined,
  after: RecordedConsent | undefined,
): readonly string[] {
  if (!after) return ["  tool definitions: nobody has agreed to any"];
  const nothing = { capabilities: [], hooks: [], tools: [] };
  const changes = changeLines(diffSurface(before?.surface ?? nothing, after.surface));
  if (changes.length === 0) return ["  rights and tool definitions: the same"];
  return [
    `  rights and tool definitions, agreed to by ${after.userId}`,
    ...changes.map((line) => `    ${line}`),
  ];
}
