import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { isAbsolute } from "node:path";
import { canonicalize, foldKey } from "@sigilrt/canonical";
import { CapabilitySet } from "@sigilrt/capability";
import { realBelowRoot } from "./below-root.ts";
import { ioError } from "./envelope-error.ts";
import { type MicroUsd, parseUsd } from "./micro-usd.ts";
import { parsePathPattern, type PathPattern } from "./path-pattern.ts";
import type { ProtectedObjects } from "./protected-objects.ts";

/** What a run may do. Every member is required; an empty list allows nothing. */
export interface EnvelopeSpec {
  /** Operations: a capability, or `<name>.*` for all below a name. */
  readonly allowOps: readonly string[];
  /** Patterns of paths below the root that operations may touch. */
  readonly allowPaths: readonly string[];
  /** Patterns that they may not, whatever is allowed; whatever lies below a match is denied with it. */
  readonly denyPaths: readonly string[];
  /** Patterns that nothing may touch, beside what is protected anyway. */
  readonly protectedPaths: readonly string[];
  /** The most that the run may cost, in dollars with at most 6 places: `"12.50"`. `"0"` lets no paid operation through. */
  readonly maxBudgetUsd: string;
  /** When it ends, as RFC 3339; `null`, written down, for never. */
  readonly expiresAt: string | null;
}

/** Where an envelope holds, and what it protects besides its own patterns. */
export interface CompileOptions {
  /** The folder that every path is relative to; absolute. */
  readonly root: string;
  /** What no configuration can take protection from, as `protectObjects` found it. */
  readonly protectedObjects: ProtectedObjects;
}

/** A spec that was checked, bound to a root. */
export interface Envelope {
  /** What it was made from. */
  readonly spec: EnvelopeSpec;
  /** SHA-256 of the spec's canonical form: `sha256:` and hex. */
  readonly digest: string;
  /** The real path of its root. */
  readonly root: string;
  /** The operations. */
  readonly allow: CapabilitySet;
  /** When it ends, in milliseconds since the epoch. */
  readonly expiresAt: number | undefined;
  /** The most that it may cost. */
  readonly maxBudget: MicroUsd;
}

/** The parts of an envelope that only this package reads. */
export interface EnvelopeParts {
  readonly allowPaths: readonly PathPattern[];
  readonly denyPaths: readonly PathPattern[];
  readonly protectedPaths: readonly PathPattern[];
  /** Folded segments below the root of every protected object that lies there. */
  readonly protectedBelowRoot: readonly (readonly string[])[];
  readonly protectedObjects: ProtectedObjects;
}

const parts = new WeakMap<Envelope, EnvelopeParts>();

/**
 * Checks a spec and binds it to a root.
 *
 * @throws RangeError for an operation, a pattern, an amount or a time that is none; TypeError for a member that is absent
 * @throws {@link EnvelopeError} `IO` when the root cannot be resolved
 */
export function compileEnvelope(
  spec: EnvelopeSpec,
  { root, protectedObjects }: CompileOptions,
): Envelope {
  if (!isAbsolute(root))
    throw new TypeError("Cannot compile an envelope: its root is not absolute");
  const copy = copyOf(spec);
  const realRoot = realRootOf(root);
  const envelope: Envelope = Object.freeze({
    spec: copy,
    digest: `sha256:${createHash("sha256")
      .update(canonicalize({ ...copy }))
      .digest("hex")}`,
    root: realRoot,
    allow: operationsOf(copy.allowOps),
    expiresAt: instantOf(copy.expiresAt),
    maxBudget: parseUsd(copy.maxBudgetUsd),
  });
  parts.set(envelope, {
    allowPaths: copy.allowPaths.map(parsePathPattern),
    denyPaths: copy.denyPaths.map(parsePathPattern),
    protectedPaths: copy.protectedPaths.map(parsePathPattern),
    protectedBelowRoot: protectedObjects.paths.flatMap((path) => foldedBelow(realRoot, path)),
    protectedObjects,
  });
  return envelope;
}

/** What was compiled for an envelope. @throws TypeError for one that {@link compileEnvelope} did not make */
export function partsOf(envelope: Envelope): EnvelopeParts {
  const found = parts.get(envelope);
  if (found === undefined) throw new TypeError("Cannot use an envelope that was not compiled here");
  return found;
}

const MAX_ENTRIES = 1_000;

function copyOf(spec: EnvelopeSpec): EnvelopeSpec {
  const list = (name: "allowOps" | "allowPaths" | "denyPaths" | "protectedPaths") => {
    const given: unknown = spec[name];
    if (!Array.isArray(given)) throw missing(name, "a list; an empty one allows nothing");
    if (given.length > MAX_ENTRIES) {
      throw new RangeError(`Cannot compile an envelope: ${name} has over ${MAX_ENTRIES} entries`);
    }
    return Object.freeze(spec[name].map(String));
  };
  const { maxBudgetUsd, expiresAt } = spec;
  if (maxBudgetUsd === undefined) throw missing("maxBudgetUsd", 'a text such as "12.50"');
  if (expiresAt === undefined) throw missing("expiresAt", "a time, or null for never");
  return Object.freeze({
    allowOps: list("allowOps"),
    allowPaths: list("allowPaths"),
    denyPaths: list("denyPaths"),
    protectedPaths: list("protectedPaths"),
    maxBudgetUsd,
    expiresAt,
  });
}

const missing = (name: string, wanted: string): TypeError =>
  new TypeError(`Cannot compile an envelope: ${name} is absent; write ${wanted}`);

function realRootOf(root: string): string {
  try {
    return realpathSync(root);
  } catch (cause) {
    throw ioError(`resolve the root "${root}"`, cause);
  }
}

function operationsOf(names: readonly string[]): CapabilitySet {
  for (const name of names) {
    const exact = name.endsWith(".*") ? name.slice(0, -2) : name;
    if (exact === "" || exact.includes("*")) {
      const state = "neither an operation nor all below a name, such as tool.files.*";
      throw new RangeError(`Cannot allow operation ${JSON.stringify(name.slice(0, 64))}: ${state}`);
    }
  }
  try {
    return CapabilitySet.from(names);
  } catch (cause) {
    throw new RangeError("Cannot compile an envelope: allowOps holds what is no capability", {
      cause,
    });
  }
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/u;

function instantOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  const at = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  // `Date.parse` takes 30 February for 2 March.
  const day = Number(text.slice(8, 10));
  const exists =
    day <= new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
  if (!Number.isNaN(at) && exists) return at;
  throw new RangeError(`Cannot compile an envelope: expiresAt is no RFC 3339 time`);
}

function foldedBelow(root: string, path: string): readonly (readonly string[])[] {
  // The root itself may lie in a protected tree: then all of it is protected.
  if (realBelowRoot(path, root) !== undefined) return [[]];
  const inside = realBelowRoot(root, path);
  return inside === undefined ? [] : [inside.split("/").map(foldKey)];
}
