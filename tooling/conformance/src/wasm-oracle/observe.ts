import { createHash } from "node:crypto";

/** How a start or a call of a guest ended, in a form that is the same on every engine. */
export interface Observation {
  readonly ended: "values" | "trap" | "fuel" | "thrown" | "not covered";
  /** Values as text; every NaN is one. */
  readonly values: readonly string[];
  readonly trap: string;
  /** What is left of the fuel; below zero after a stop. */
  readonly left: number | undefined;
  readonly memory: string;
  readonly globals: readonly string[];
}

/** A guest on one engine: calls an export with a fuel limit on a fresh instance. */
export interface Engine {
  observe(name: string, args: readonly unknown[], limit: number): Observation;
}

/** Fuel for a start. A guest that loops there ends by it. */
export const START_FUEL = 2_000_000;

export function shown(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  return value === null ? "null" : "reference";
}

export const digest = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("base64").slice(0, 22);
