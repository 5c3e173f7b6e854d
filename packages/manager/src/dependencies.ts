import { satisfiesRange } from "@sigilrt/manifest";
import type { ManagerErrorCode } from "./manager-error.ts";

/** What of a plugin the order of starts follows from. */
interface Dependent {
  readonly manifest: {
    readonly version: string;
    readonly dependencies: Readonly<Record<string, string>>;
  };
}

/** Plugins by name. */
export type Dependents = ReadonlyMap<string, Dependent>;

/** Why a plugin may not start, in words that follow `Cannot start "x": `. */
export interface HeldBack {
  readonly code: Extract<ManagerErrorCode, "DEPENDENCY_MISSING" | "DEPENDENCY_CYCLE">;
  readonly state: string;
}

/** The names of plugins, each after those it depends on, ties by name; who is in a loop, or depends on one, comes last. */
export function startOrder(plugins: Dependents): readonly string[] {
  const names = [...plugins.keys()].toSorted();
  const open = new Map(names.map((name) => [name, dependenciesOf(plugins, name).length]));
  const ready = names.filter((name) => open.get(name) === 0);
  const dependents = Map.groupBy(
    names.flatMap((name) => dependenciesOf(plugins, name).map((needed) => ({ name, needed }))),
    ({ needed }) => needed,
  );
  const order = new Set<string>();
  for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
    order.add(next);
    for (const { name } of dependents.get(next) ?? []) {
      const left = (open.get(name) ?? 0) - 1;
      open.set(name, left);
      if (left === 0) insert(ready, name);
    }
  }
  return [...order, ...names.filter((name) => !order.has(name))];
}

/** The loop that a plugin is a member of, from it and back to it; `undefined` when it is in none. */
export function loopOf(plugins: Dependents, name: string): readonly string[] | undefined {
  const cameFrom = new Map<string, string>();
  const next = [name];
  for (let at = next.shift(); at !== undefined; at = next.shift()) {
    for (const needed of dependenciesOf(plugins, at)) {
      if (needed === name) return [...pathTo(at, cameFrom), name];
      if (cameFrom.has(needed)) continue;
      cameFrom.set(needed, at);
      next.push(needed);
    }
  }
  return undefined;
}

/** Why a plugin is held back by what it depends on, directly or not; `undefined` when all of that is admitted. */
export function heldBack(plugins: Dependents, name: string): HeldBack | undefined {
  const seen = new Set([name]);
  for (const dependent of seen) {
    for (const [needed, range] of requirements(plugins.get(dependent))) {
      const version = plugins.get(needed)?.manifest.version;
      const who = dependent === name ? "it" : `"${dependent}"`;
      const state = `${who} needs "${needed}" ${range}, which is ${version === undefined ? "not admitted" : `here in version ${version}`}`;
      if (version === undefined || !satisfiesRange(version, range)) {
        return { code: "DEPENDENCY_MISSING", state };
      }
      seen.add(needed);
    }
  }
  const loop = loopOf(plugins, name);
  return loop && { code: "DEPENDENCY_CYCLE", state: describeLoop(loop) };
}

/** A loop in words. */
export const describeLoop = (loop: readonly string[]): string =>
  `it depends on itself: ${loop.join(" needs ")}`;

/** Every plugin that depends on one, directly or not, and the one itself. */
export function withDependents(plugins: Dependents, name: string): ReadonlySet<string> {
  const found = new Set([name]);
  for (const needed of found) {
    for (const dependent of plugins.keys()) {
      if (dependenciesOf(plugins, dependent).includes(needed)) found.add(dependent);
    }
  }
  return found;
}

const requirements = (plugin: Dependent | undefined): readonly (readonly [string, string])[] =>
  Object.entries(plugin?.manifest.dependencies ?? {}).toSorted(([left], [right]) =>
    left < right ? -1 : 1,
  );

/** Those that are there, by name. */
const dependenciesOf = (plugins: Dependents, name: string): readonly string[] =>
  requirements(plugins.get(name)).flatMap(([needed]) => (plugins.has(needed) ? [needed] : []));

function pathTo(end: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const path: string[] = [];
  for (let at: string | undefined = end; at !== undefined; at = cameFrom.get(at)) path.push(at);
  return path.toReversed();
}

/** Keeps a sorted list sorted. */
function insert(sorted: string[], name: string): void {
  const place = sorted.findIndex((other) => other > name);
  sorted.splice(place < 0 ? sorted.length : place, 0, name);
}
