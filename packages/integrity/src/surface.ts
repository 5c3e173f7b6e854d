import { canonicalize, type JsonValue } from "@sigilrt/canonical";
import type { SurfaceDigest } from "./brands.ts";
import { hashText } from "./digest.ts";

/** One tool as clients see it. */
export interface SurfaceTool {
  /** Its name; unique. */
  readonly name: string;
  /** What it does. */
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly inputSchema: JsonValue;
  /** JSON Schema of its result. */
  readonly outputSchema?: JsonValue;
  /** Hints. */
  readonly annotations?: JsonValue;
  /** A short name. */
  readonly title?: string;
}

/** What a plugin says about itself. */
export interface Surface {
  /** What it asks for. */
  readonly capabilities: readonly string[];
  /** What it wants to hear of. */
  readonly hooks: readonly string[];
  /** What it offers. */
  readonly tools: readonly SurfaceTool[];
}

/** One difference between two surfaces. */
export interface SurfaceChange {
  /** Which list it is in. */
  readonly list: "capabilities" | "hooks" | "tools";
  /** The capability, hook or tool. */
  readonly name: string;
  /** The member of the tool that differs; absent when all of it was added or removed. */
  readonly member?: string;
  /** What was; absent when it was added. */
  readonly before?: JsonValue;
  /** What is; absent when it was removed. */
  readonly after?: JsonValue;
}

const members = [
  "annotations",
  "description",
  "inputSchema",
  "outputSchema",
  "title",
] as const satisfies readonly (keyof SurfaceTool)[];

/**
 * Hashes a surface: SHA-256 over its canonical JSON with sorted lists, so that order says nothing.
 *
 * @throws TypeError when two tools have one name
 * @throws CanonicalError `NOT_REPRESENTABLE` when a schema is no JSON
 */
export function surfaceDigest(surface: Surface): SurfaceDigest {
  const tools = byName(surface.tools);
  const value: JsonValue = {
    capabilities: surface.capabilities.toSorted(compare),
    hooks: surface.hooks.toSorted(compare),
    tools: [...tools.keys()].toSorted(compare).map((name) => toolValue(tools, name)),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the maker of the brand
  return `jcs-sha256:${hashText(canonicalize(value))}` as SurfaceDigest;
}

/**
 * Lists what differs between two surfaces, by name and member, in a fixed order; empty exactly when their digests are equal.
 *
 * @throws TypeError when two tools of one surface have one name
 */
export function diffSurface(before: Surface, after: Surface): readonly SurfaceChange[] {
  const changes: SurfaceChange[] = [];
  for (const list of ["capabilities", "hooks"] as const) {
    for (const [name, was, is] of pairs(countOf(before[list]), countOf(after[list]))) {
      if (was !== is) changes.push(change(list, name, was, is));
    }
  }
  const was = byName(before.tools);
  const is = byName(after.tools);
  for (const [name, old, now] of pairs(was, is)) {
    if (old === undefined || now === undefined) {
      changes.push(change("tools", name, old && toolValue(was, name), now && toolValue(is, name)));
      continue;
    }
    for (const member of members) {
      if (textOf(old[member]) !== textOf(now[member])) {
        changes.push({ ...change("tools", name, old[member], now[member]), member });
      }
    }
  }
  return Object.freeze(changes.map((entry) => Object.freeze(entry)));
}

const compare = (left: string, right: string): number =>
  left === right ? 0 : left < right ? -1 : 1;

const textOf = (value: JsonValue | undefined): string | undefined =>
  value === undefined ? undefined : canonicalize(value);

function byName(tools: readonly SurfaceTool[]): ReadonlyMap<string, SurfaceTool> {
  const named = new Map<string, SurfaceTool>();
  for (const tool of tools) {
    if (named.has(tool.name)) {
      throw new TypeError(
        `Cannot digest surface: two tools are named ${JSON.stringify(tool.name)}`,
      );
    }
    named.set(tool.name, tool);
  }
  return named;
}

/** A tool as JSON, without the members it lacks and without any that a surface does not have. */
function toolValue(tools: ReadonlyMap<string, SurfaceTool>, name: string): JsonValue {
  const tool = tools.get(name);
  const present = members.flatMap((member): readonly (readonly [string, JsonValue])[] => {
    const value = tool?.[member];
    return value === undefined ? [] : [[member, value]];
  });
  return Object.fromEntries([["name", name], ...present]);
}

function countOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Every key of either map with both values, in order. */
function* pairs<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): Iterable<readonly [string, T | undefined, T | undefined]> {
  for (const name of [...new Set([...before.keys(), ...after.keys()])].toSorted(compare)) {
    yield [name, before.get(name), after.get(name)];
  }
}

function change(
  list: SurfaceChange["list"],
  name: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): SurfaceChange {
  return {
    list,
    name,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}
